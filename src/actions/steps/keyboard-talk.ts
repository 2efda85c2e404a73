/** A talk over several questions with a caller that keeps nothing between them: what was said so far, by its id. */
import { tokenHash } from '../../domain/token.ts';
import { insertChallenge, openChallenge } from '../../store/challenges.ts';
import type { Ctx } from '../context.ts';
import { challengeMs } from './ask-factor.ts';

const idOf = (ctx: Ctx, talk: string, step: number) => tokenHash(`talk:${ctx.actor.id}:${step}:${talk}`);

/**
 * Keeps `said` for the step after this one. A step that was kept already is not kept again: whoever repeats a talk's id
 * gets nothing of it.
 */
export async function keepTalk(ctx: Ctx, talk: string, step: number, said: object): Promise<void> {
  const about = `talk:${talk}:${step}`;
  const box = ctx.house.sealer.seal(about, Buffer.from(JSON.stringify(said))).toString('base64');
  await ctx.touch((tx) =>
    insertChallenge(tx, {
      idHash: idOf(ctx, talk, step),
      purpose: 'talk',
      accountId: null,
      askedBy: ctx.actor.id,
      // Sealed: the id of a challenge is half of a login.
      entry: { box },
      createdAt: ctx.now,
      expiresAt: new Date(ctx.now.getTime() + challengeMs),
    }),
  );
}

/** What was kept at that step; undefined when it was not, or too long ago. */
export async function talkSoFar(ctx: Ctx, talk: string, step: number): Promise<object | undefined> {
  const row = await openChallenge(ctx.read, idOf(ctx, talk, step), ctx.now);
  if (row?.purpose !== 'talk' || row.askedBy !== ctx.actor.id) return undefined;
  const { box } = row.entry as { readonly box: string };
  return JSON.parse(ctx.house.sealer.open(`talk:${talk}:${step}`, Buffer.from(box, 'base64')).toString());
}
