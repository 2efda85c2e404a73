/** What waits for a job, told in one statement: a node with nothing to do asks little. */
import { ask, type Reader } from './db.ts';

export interface WaitingWork {
  readonly cutoffs: boolean;
  readonly resets: boolean;
  readonly mails: boolean;
  readonly webhooks: boolean;
  readonly notices: boolean;
  readonly flags: boolean;
}

const looking = `select exists (select 1 from cutoffs) as cutoffs,
  exists (select 1 from reset_requests where handled_at is null) as resets,
  exists (select 1 from mails where sent_at is null and failed_at is null and due_at <= $1::timestamptz) as mails,
  exists (select 1 from webhooks w where w.disabled_at is null and exists (
    select 1 from webhook_deliveries where webhook_id = w.id
       and delivered_at is null and failed_at is null and due_at <= $1::timestamptz)) as webhooks,
  exists (select 1 from operator_notices where told_at is null) as notices,
  exists (select 1 from flags where follow_from is not null) as flags`;

/** Which queues hold something that is due: a hint that saves questions, never a claim on it. */
export async function waitingWork(reader: Reader, now: Date): Promise<WaitingWork> {
  const [row] = await ask<WaitingWork>(reader, looking, [now.toISOString()]);
  if (row === undefined) throw new Error('a select without a from clause has one row');
  return row;
}
