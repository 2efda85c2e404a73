/** Tells the staff by mail what there is to look at: together, and with growing pauses. Any node does, one at a time. */
import { digestGap, digestText } from '../domain/operator-digest.ts';
import {
  anyNoticeWaits,
  claimDigest,
  keepDigest,
  sweepNotices,
  takeNotices,
} from '../store/operator-notices.ts';
import { policyInForce } from '../store/policy.ts';
import { operatorsToTell } from '../store/principals.ts';
import { type Ctx, unchanged } from './context.ts';
import { postMail } from './steps/post-letter.ts';

/** A mail that nobody reads to its end tells less. */
const linesAtMost = 20;
const keptMs = 7 * 86_400_000;

/** @returns how many mails were written. */
export async function tellOperators(ctx: Ctx): Promise<number> {
  if (ctx.house.mail.kind === 'off' || !(await anyNoticeWaits(ctx.read))) return 0;
  const { policy } = await policyInForce(ctx.read);
  const { first_gap_seconds, longest_gap_seconds } = policy.operator_mail;
  const gaps = { firstMs: first_gap_seconds * 1000, longestMs: longest_gap_seconds * 1000 };
  return ctx.act(async (tx) => {
    const state = await claimDigest(tx);
    if (state === undefined) return unchanged(0);
    const last = { lastAt: state.lastAt?.getTime(), gapMs: state.gapMs };
    const gap = digestGap(last, ctx.now.getTime(), gaps);
    const readers = gap === undefined ? [] : await operatorsToTell(tx);
    const notices = readers.length === 0 ? [] : await takeNotices(tx, ctx.now);
    if (gap === undefined || notices.length === 0) return unchanged(0);
    const letter = digestText(notices.slice(0, linesAtMost), notices.length, ctx.house.origin);
    for (const { email } of readers)
      await postMail(tx, ctx, null, 'operator_digest', { to: email, ...letter });
    await keepDigest(tx, ctx.now, gap);
    const detail = { operators: readers.map(({ id }) => id), notices: notices.length };
    return { value: readers.length, events: [{ kind: 'operators.told', detail }] };
  });
}

/** Forgets what was told long ago, and what nobody was there to be told. */
export async function sweepOperatorNotices(ctx: Ctx): Promise<void> {
  await ctx.touch((tx) => sweepNotices(tx, new Date(ctx.now.getTime() - keptMs)));
}
