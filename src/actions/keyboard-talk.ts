/** What a keyboard-interactive login said so far, for a caller whose steps carry nothing but its own number. */
import { done, type Outcome } from '../domain/refusal.ts';
import type { Ctx } from './context.ts';
import { keepTalk, talkSoFar } from './steps/keyboard-talk.ts';
import { mayNot } from './steps/may.ts';

export interface TalkSaid {
  /** Where the client is: told with the first step alone. */
  readonly ip: string | undefined;
  readonly username: string;
  /** Once the password was right and a code is asked for. */
  readonly challengeId?: string;
}

/** Keeps what a step said for the next one. */
export async function rememberTalk(
  ctx: Ctx,
  talk: string,
  step: number,
  said: TalkSaid,
): Promise<Outcome<undefined>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  await keepTalk(ctx, talk, step, said);
  return done(undefined);
}

/** What the step before said. */
export async function recallTalk(
  ctx: Ctx,
  talk: string,
  step: number,
): Promise<Outcome<TalkSaid | undefined>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  return done((await talkSoFar(ctx, talk, step)) as TalkSaid | undefined);
}
