/** Judging messages: in a thread of its own, so that no message keeps a login or a session check waiting. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Judgement } from '../domain/judgement.ts';
import { log } from '../log.ts';
import type { JudgingJob } from './job.ts';

/** There is no verdict, and the caller is to try again: too many wait, or this one took too long. */
export class NotJudged extends Error {
  readonly busy: boolean;

  constructor(busy: boolean, cause?: unknown) {
    super(busy ? 'too many messages wait to be judged' : 'the message could not be judged', { cause });
    this.name = 'NotJudged';
    this.busy = busy;
  }
}

export interface Judging {
  /** @throws NotJudged */
  judge(job: JudgingJob): Promise<Judgement>;
  close(): Promise<void>;
}

/** A mail server asks about eight at a time, and there may be several. */
const waitingMost = 64;
/** The slowest hostile message of `bench/scan` takes a fiftieth of it. */
const patienceMs = 10_000;
/** A thread that nobody needs gives its memory back. */
const idleMs = 300_000;
/** Of the young and the old heap, MB: 25 MB of raw mail, some copies of its text, and the word lists. */
const heapMb = 384;

/** Threads of Node 20 cannot load TypeScript: whoever runs from source uses the compiled one in `dist`. */
function workerFile(): string {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(
    new URL(fromSource ? '../../dist/judging/worker.js' : './worker.js', import.meta.url),
  );
  if (!existsSync(file)) throw new Error('the judging worker is not compiled; run `npm run build`');
  return file;
}

/** The thread starts with the first message. */
export function createJudging(): Judging {
  const pool = new Piscina<JudgingJob, Judgement>({
    filename: workerFile(),
    ...{ minThreads: 0, maxThreads: 1, maxQueue: waitingMost, idleTimeout: idleMs },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    // Flags of the process, such as a test runner's loaders, are not the worker's.
    execArgv: [],
    closeTimeout: 5_000,
  });
  pool.on('error', (error: unknown) => log.error({ err: error }, 'the judging thread failed'));
  return {
    judge: async (job) => {
      if (pool.queueSize >= waitingMost) throw new NotJudged(true);
      try {
        // Ends the thread of a message that takes too long; the next one has a new thread.
        return await pool.run(job, { signal: AbortSignal.timeout(patienceMs) });
      } catch (error) {
        throw new NotJudged(pool.queueSize >= waitingMost, error);
      }
    },
    close: () => pool.close(),
  };
}
