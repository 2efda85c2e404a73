/** A campaign of any size costs a scan as much as one message does, and keeps no login waiting. */
import { afterAll, expect, it } from 'vitest';
import { gatewayOf } from '../support/gateway.ts';
import { fitTestHouse, password } from '../support/house.ts';

// One connection: what it read is counted there, and a scan that needed two would hang.
const narrow = await fitTestHouse({ pool: 1 });
const wide = await fitTestHouse({ pool: 10 });
afterAll(async () => {
  await narrow.close();
  await wide.close();
});

await wide.account('busy');

const copies = 20_000;
const copy = (name: string) =>
  `Dear ${name}, your mailbox has exceeded its quota and will be suspended within 24 hours. Please reply with your password so that we can repair your mailbox at once and without any loss.`;

async function gateway(house: typeof narrow) {
  const { scan } = await gatewayOf(house);
  return (text: string) => scan({ from: 'desk@evil.example', text });
}

it('ATTACK: of twenty thousand copies that are kept, a scan of one more reads next to none', async () => {
  const { sql } = narrow.database;
  const scan = await gateway(narrow);
  const first = await scan(copy('Anna'));
  await sql`insert into messages (id, at, medium, direction, origin, sender_domain, verdict, score, solicited, flagged, flag_id,
      features, sketch, bands, redacted, expires_at)
    select 'msg_copy' || n, at, medium, direction, origin, sender_domain, verdict, score, solicited, flagged, flag_id, features,
      sketch, bands, redacted, expires_at from (select * from messages) m, generate_series(1, ${copies}::int) n`;
  await sql`analyze messages`;
  const read = async () => {
    await sql`select pg_stat_force_next_flush()`;
    const [row] = await sql<{ read: number }[]>`
      select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_user_tables
       where relname in ('messages', 'campaigns', 'flags')`;
    return row?.read ?? 0;
  };
  const before = await read();
  const next = await scan(copy('Berta'));
  const after = await read();
  expect(next.body.flag_id).toBe(first.body.flag_id);
  expect(await sql`select count from flags`).toEqual([{ count: 2 }]);
  expect(await sql`select 1 from campaigns`).toHaveLength(1);
  expect(after - before).toBeGreaterThan(0);
  expect(after - before).toBeLessThan(50);
});

it('ATTACK: thirty scans that wait for one flag leave connections to logins, and all are written in the end', async () => {
  const { sql } = wide.database;
  const scan = await gateway(wide);
  const { flag_id } = (await scan(copy('Carla'))).body;
  const flood: ReturnType<typeof scan>[] = [];
  await sql.begin(async (tx) => {
    await tx`select 1 from flags where id = ${flag_id ?? ''} for update`;
    for (let n = 0; n < 30; n++) flood.push(scan(copy('Dora')));
    const waiting = async () => {
      await tx`select pg_stat_clear_snapshot()`;
      const [row] = await tx<{ n: number }[]>`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return row?.n ?? 0;
    };
    await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    // All thirty are judged by one thread in far less than that.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await waiting()).toBe(4);
    const login = await wide.guess({ login: 'busy', password, open_session: false });
    expect(login.decision).toBe('allow');
  });
  expect((await Promise.all(flood)).map(({ status }) => status)).toEqual(Array(30).fill(200));
  expect(await sql`select count from flags where id = ${flag_id ?? ''}`).toEqual([{ count: 31 }]);
});

it('RACE: sixteen copies of a new message at once found one campaign', async () => {
  const { sql } = wide.database;
  const scan = await gateway(wide);
  const text = (n: number) =>
    `Hello Name${'x'.repeat(n)}, somebody tried to log in to your account. Tell us your PIN and your password at once, and we will look after the whole matter for you without any further delay.`;
  const before = await sql`select 1 from campaigns`;
  const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => scan(text(n))));
  expect(new Set(answers.map(({ body }) => body.flag_id)).size).toBe(1);
  expect(await sql`select 1 from campaigns`).toHaveLength(before.length + 1);
});
