/** What answering a question takes, whichever it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { ProcessRef } from '../protocol/agent.ts';
import type { PamAnswer, PamRequest } from '../protocol/pam.ts';
import type { World } from '../world.ts';
import type { AnswerTimes } from './answer-times.ts';
import type { HalfLogins } from './half-logins.ts';
import type { Opening } from './opening.ts';
import type { Service } from './service.ts';
import type { Tickets } from './tickets.ts';

export interface QuestionParts {
  readonly host: string;
  readonly boot: string;
  readonly log: Log;
  readonly opening: Opening;
  readonly service: Service;
  readonly tickets: Tickets;
  readonly halves: HalfLogins;
  readonly times: AnswerTimes;
  readonly world: World;
  /** Whether logoff orders reach this host now. */
  inTouch(): boolean;
  /** The daemon says that a session closes: a hint. */
  onClosing(session: string): void;
  /** Nobody decided whether a session may begin though its login was let in: the daemon may go on without one. */
  onNotOpened(): void;
  /** This process may have no session, or has one now. */
  onJudged(process: ProcessRef, allowed: boolean): void;
}

export type Asked<K extends PamRequest['ask']> = Extract<PamRequest, { ask: K }>;

/** As a wrong password in word and time. PAM's own word for it would also make sshd hang up at once. */
export async function denyAsThrottled(
  parts: QuestionParts,
  tookMs: number,
  signal: AbortSignal,
): Promise<PamAnswer> {
  await sleep(Math.max(parts.times.any() - tookMs, 0), undefined, { signal });
  return { verdict: 'deny' };
}
