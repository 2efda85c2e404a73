/** The thread that reads and judges. What is hostile in a message meets this one alone, which has no keys and no door. */
import { setPriority } from 'node:os';
import { type Judgement, judgementOf } from '../domain/judgement.ts';
import { readMail } from '../protocol/mail/read-mail.ts';
import { readText } from '../protocol/mail/read-text.ts';
import type { JudgingJob } from './job.ts';

// As the hash threads do: on Linux niceness is the thread's own.
if (process.platform === 'linux') setPriority(0, 10);

export default function judge({ message, setting, scale, seeds, authservIds }: JudgingJob): Judgement {
  const read =
    'said' in message
      ? readText(message.said)
      : { ...readMail(Buffer.from(message.raw), { authservIds }), direction: message.direction };
  return judgementOf(read, setting, scale, seeds);
}
