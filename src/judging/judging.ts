/** Judging messages: in a thread of its own, so that no message keeps a login or a session check waiting. */
import { Piscina } from 'piscina';
import type { Judgement } from '../domain/judgement.ts';
import { log } from '../log.ts';
import { workerFile } from '../worker-file.ts';
import type { JudgingJob } from './job.ts';
import { Room } from './room.ts';
import { Turns } from './turns.ts';

const reasons = {
  busy: 'too many messages wait to be judged',
  /** It took too long or too much memory, and will again. */
  unjudgeable: 'the message cannot be judged',
  unavailable: 'the judging thread failed',
} as const;

/** There is no verdict. */
export class NotJudged extends Error {
  readonly why: keyof typeof reasons;

  constructor(why: keyof typeof reasons, cause?: unknown) {
    super(reasons[why], { cause });
    this.name = 'NotJudged';
    this.why = why;
  }
}

export interface Judging {
  /** @throws NotJudged */
  judge(job: JudgingJob): Promise<Judgement>;
  /** Room for a message that is yet to be read; call what is returned when it is done with. Undefined: too much is held. */
  hold(bytes: number): (() => void) | undefined;
  close(): Promise<void>;
}

/** A mail server asks about eight at a time, and there may be several. */
const waitingMost = 64;
/** Gateways give up after 20 s. */
const waitingMs = 15_000;
/** Of one message, from when its turn comes; the slowest hostile one of `bench/scan` takes a fortieth of it. */
const patienceMs = 10_000;
/** Eight of the largest mails, and some hundred of the usual ones. */
const heldBytes = 200 * 1024 * 1024;
/** A thread that nobody needs gives its memory back. */
const idleMs = 300_000;
/** Of the young and the old heap, MB: 25 MB of raw mail, some copies of its text, and the word lists. */
const heapMb = 384;

export interface JudgingBounds {
  readonly patienceMs?: number;
  readonly waitingMs?: number;
  readonly heldBytes?: number;
}

/** The thread starts with the first message. */
export function createJudging(bounds: JudgingBounds = {}): Judging {
  const most = { patienceMs, waitingMs, heldBytes, ...bounds };
  const turns = new Turns(waitingMost, most.waitingMs);
  const room = new Room(most.heldBytes);
  const pool = new Piscina<JudgingJob, Judgement>({
    filename: workerFile('judging'),
    ...{ minThreads: 0, maxThreads: 1, idleTimeout: idleMs },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    // Flags of the process, such as a test runner's loaders, are not the worker's.
    execArgv: [],
    closeTimeout: 5_000,
  });
  pool.on('error', (error: unknown) => log.error({ err: error }, 'the judging thread failed'));
  return {
    judge: async (job) => {
      if (!(await turns.enter())) throw new NotJudged('busy');
      // Ends the thread of a message that takes too long; the next one has a new thread.
      const signal = AbortSignal.timeout(most.patienceMs);
      try {
        return await pool.run(job, { signal });
      } catch (error) {
        throw new NotJudged(signal.aborted || outOfMemory(error) ? 'unjudgeable' : 'unavailable', error);
      } finally {
        turns.leave();
      }
    },
    hold: (bytes) => room.take(bytes),
    close: () => pool.close(),
  };
}

const outOfMemory = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
