/** From a logoff on one node to the refusal on another, which is asked without pause. */
import { type Node, onGround } from './parts/ground.ts';
import { checkRequest, openConnection, rawRequest } from './parts/http.ts';
import { fine, quantile, say, sayMachine, target } from './parts/report.ts';
import { seedAccounts, seedClient, seedSessions } from './parts/seed.ts';

const rounds = Number(process.env.ROUNDS ?? 100);
const pollers = 4;

const endRequest = (key: string, id: string) =>
  rawRequest(
    'POST',
    '/v1/sessions/end',
    { authorization: `Bearer ${key}` },
    JSON.stringify({ select: { ids: [id] }, reason: 'a bench' }),
  );

interface Seen {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly active: boolean;
}

/** Asks for one session over and over until told to stop. */
async function poll(node: Node, request: string, stopped: () => boolean): Promise<Seen[]> {
  const connection = await openConnection(node.host, node.port);
  const seen: Seen[] = [];
  while (!stopped()) {
    const sentAt = performance.now();
    const { status, body } = await connection.ask(request);
    if (status !== 200) throw new Error(`${status} ${body}`);
    seen.push({ sentAt, answeredAt: performance.now(), active: body.includes('"active":true') });
  }
  connection.close();
  return seen;
}

await onGround(false, async ({ sql, serve }) => {
  const [first, second] = [await serve(), await serve()];
  const key = await seedClient(sql, 'panel', ['sessions']);
  await seedAccounts(sql, 'customer', rounds + 5);
  const made = await seedSessions(sql, 'customer', rounds + 5);
  const orders = await openConnection(first.host, first.port);
  const afterAnswer: number[] = [];
  const afterAsking: number[] = [];
  let stale = 0;
  let later = 0;
  for (const [round, { id, token }] of made.entries()) {
    let stop = false;
    const polling = Array.from({ length: pollers }, () => poll(second, checkRequest(key, token), () => stop));
    await new Promise((resolve) => setTimeout(resolve, 40 + 20 * Math.random()));
    const askedAt = performance.now();
    const answer = await orders.ask(endRequest(key, id));
    const answeredAt = performance.now();
    if (answer.status !== 202) throw new Error(`${answer.status} ${answer.body}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    stop = true;
    const seen = (await Promise.all(polling)).flat();
    // The first few warm up the compilers.
    if (round < 5) continue;
    const refused = seen.filter(({ active }) => !active).map((each) => each.answeredAt);
    afterAsking.push(Math.min(...refused) - askedAt);
    afterAnswer.push(Math.max(0, Math.min(...refused) - answeredAt));
    const asked = seen.filter(({ sentAt }) => sentAt > answeredAt);
    later += asked.length;
    stale += asked.filter(({ active }) => active).length;
  }
  orders.close();
  for (const list of [afterAnswer, afterAsking]) list.sort((a, b) => a - b);
  const spread = (list: readonly number[]) =>
    `p50 ${fine(quantile(list, 0.5), 1)}, p95 ${fine(quantile(list, 0.95), 1)}, max ${fine(list.at(-1) ?? Number.NaN, 1)} ms`;
  const worst = afterAsking.at(-1) ?? Number.NaN;
  say(
    `second node: refused within ${fine(worst, 1)} ms of the order being sent (${target(worst <= 50, '<= 50 ms')})`,
  );
  say(
    `  from sending the order (the commit lies within) to the first refusal on the other node: ${spread(afterAsking)}`,
  );
  say(`  from the order's answer to the first refusal: ${spread(afterAnswer)}`);
  say(
    `  accepted by the other node after that answer: ${stale} of ${later} checks (${target(stale === 0, '0')})`,
  );
  say(`  ${rounds} rounds, ${pollers} connections asking without pause`);
  await sayMachine(sql);
});
