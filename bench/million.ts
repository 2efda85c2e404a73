/** One logoff of a million live sessions: when it is in effect, when it is answered, when the rows are tidied. */
import { type Ground, type Node, onGround } from './parts/ground.ts';
import { checkRequest, openConnection, rawRequest } from './parts/http.ts';
import { fine, median, quantile, say, sayMachine, target, whole } from './parts/report.ts';
import { seedAccounts, seedClient, seedSessions } from './parts/seed.ts';

const count = Number(process.env.SESSIONS ?? 1_000_000);
const rounds = Number(process.env.ROUNDS ?? 1);

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Sessions of the store that the logoff means, many of each account. */
async function fill(sql: Ground['sql']): Promise<void> {
  await sql`insert into sessions (id, token_hash, account_id, credential_id, credential_epoch, login, store, channel,
      profile, method, source_ip, opened_at, last_seen_at, idle_ms, absolute_at)
    select 'ses_' || md5(n::text || clock_timestamp()), sha256(n::text::bytea || md5(clock_timestamp()::text)::bytea),
      'acc_many' || 1 + n % 1000, 'crd_many' || 1 + n % 1000, 1, 'many' || 1 + n % 1000, 'mail', 'imap', 'standard',
      'password', '192.0.2.7', now(), now(), 3600000, now() + interval '8 hours' from generate_series(1, ${count}::int) n`;
  await sql`vacuum analyze sessions`;
  await sql`checkpoint`;
}

/** Asks at a steady rate about sessions that the logoff does not mean, and keeps the times. */
function steady(node: Node, requests: readonly string[]): { stop(): Promise<number[]> } {
  let stopped = false;
  const times: number[] = [];
  const one = async (offset: number) => {
    const connection = await openConnection(node.host, node.port);
    for (let n = offset; !stopped; n++) {
      const sentAt = performance.now();
      const { body } = await connection.ask(requests[n % requests.length] ?? '');
      if (!body.includes('"active":true')) throw new Error(`a session that was not meant: ${body}`);
      times.push(performance.now() - sentAt);
      await wait(20);
    }
    connection.close();
  };
  const all = Promise.all(Array.from({ length: 4 }, (_, n) => one(n * 97)));
  return {
    stop: async () => {
      stopped = true;
      await all;
      return times.sort((a, b) => a - b);
    },
  };
}

/** Milliseconds from `from` until that node refuses this token, asked without pause. */
async function refusal(node: Node, request: string, from: () => number): Promise<number> {
  const connection = await openConnection(node.host, node.port);
  for (;;) {
    const { status, body } = await connection.ask(request);
    if (status !== 200) throw new Error(`${status} ${body}`);
    if (body.includes('"active":false')) break;
  }
  connection.close();
  return performance.now() - from();
}

interface Round {
  readonly effect: number;
  readonly answer: number;
  readonly tidied: number;
  readonly quiet: number;
  readonly during: number;
}

await onGround(false, async ({ sql, serve }) => {
  const [first, second] = [await serve(), await serve()];
  const key = await seedClient(sql, 'panel', ['sessions']);
  await seedAccounts(sql, 'many', 1000);
  await seedAccounts(sql, 'customer', 1000);
  const others = (await seedSessions(sql, 'customer', 1000)).map(({ token }) => checkRequest(key, token));
  const end = rawRequest(
    'POST',
    '/v1/sessions/end',
    { authorization: `Bearer ${key}` },
    JSON.stringify({ select: { store: 'mail' }, reason: 'a bench' }),
  );
  const round = async (): Promise<Round> => {
    const [witness] = await seedSessions(sql, 'many', 1);
    await sql`update sessions set store = 'mail', channel = 'imap' where id = ${witness?.id ?? ''}`;
    await fill(sql);
    const before = steady(second, others);
    await wait(4000);
    const quiet = quantile(await before.stop(), 0.99);
    const orders = await openConnection(first.host, first.port);
    const beside = steady(second, others);
    let askedAt = Number.POSITIVE_INFINITY;
    const refused = refusal(second, checkRequest(key, witness?.token ?? '', false), () => askedAt);
    await wait(500);
    askedAt = performance.now();
    const answered = await orders.ask(end);
    const answer = performance.now() - askedAt;
    if (answered.status !== 202 || !answered.body.includes(`"matched":${count + 1},`)) {
      throw new Error(`${answered.status} ${answered.body.slice(0, 300)}`);
    }
    orders.close();
    const effect = await refused;
    while ((await sql`select 1 from cutoffs`).length > 0) await wait(50);
    const tidied = performance.now() - askedAt;
    const during = quantile(await beside.stop(), 0.99);
    await sql`delete from sessions where store = 'mail'`;
    return { effect, answer, tidied, quiet, during };
  };
  const all: Round[] = [];
  for (let n = 0; n < rounds; n++) all.push(await round());
  const of = (name: keyof Round) => all.map((each) => each[name]);
  const worst = Math.max(...of('effect'));
  say(
    `million: ${whole(count)} sessions logged off in effect ${fine(median(of('effect')), 1)} ms after the order was sent, at the most ${fine(worst, 1)} ms (${target(worst <= 100, '<= 100 ms')})`,
  );
  say(
    `  the answer with its counts after ${fine(median(of('answer')) / 1000, 1)} s; all rows tidied after ${fine(median(of('tidied')) / 1000, 1)} s`,
  );
  say(
    `  p99 of other sessions' checks: ${fine(median(of('quiet')), 1)} ms before, ${fine(median(of('during')), 1)} ms until tidied`,
  );
  say(`  effect: first refusal by a second node that is asked without pause; ${rounds} rounds, medians`);
  await sayMachine(sql);
});
