/** An endpoint that nobody looks after is disabled, and the staff is told. */
import { insertOperatorNotice } from '../../store/operator-notices.ts';
import { disableWebhook, type WebhookRow } from '../../store/webhooks.ts';
import { type Ctx, unchanged } from '../context.ts';

export async function shutWebhook(
  ctx: Ctx,
  { id, url }: Pick<WebhookRow, 'id' | 'url'>,
  because: 'gone' | 'failing',
): Promise<void> {
  await ctx.act(async (tx) => {
    if ((await disableWebhook(tx, id, because, ctx.now)) === undefined) return unchanged(undefined);
    await insertOperatorNotice(tx, { about: 'webhook', ref: id, kind: because, at: ctx.now });
    const detail = { id, because, host: new URL(url).host };
    return { value: undefined, events: [{ kind: 'webhook.disabled', detail }] };
  });
}
