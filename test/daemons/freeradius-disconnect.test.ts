/** Forced logoff at a NAS: Disconnect-Requests to a real FreeRADIUS that listens as one (`type = coa`). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import {
  classOf,
  freeUdpPort,
  radclient,
  radiusSecret,
  shippedRadius,
  startFreeradius,
} from './support/freeradius.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { logoff, orderOf } from './support/orders.ts';
import { type Program, until } from './support/processes.ts';

const missing = missingPrograms([
  '/usr/sbin/freeradius',
  '/usr/lib/freeradius/rlm_rest.so',
  '/usr/bin/radclient',
]);
const password = 'files travel at midnight';
const port = { auth: 0, acct: 0, nas: 0, deaf: 0, late: 0 };

/** A NAS that ends what it is told to, and knows no session whose name begins with `gone`. */
const nasSite = (at: number) => `server nas {
  listen {
    type = coa
    ipaddr = 127.0.0.1
    port = ${at}
  }
  recv-coa {
    if (&User-Name =~ /^gone/) {
      update reply {
        &Error-Cause := Session-Context-Not-Found
      }
      reject
    }
    elsif (&User-Name =~ /^kept/) {
      update reply {
        &Error-Cause := Session-Context-Not-Removable
      }
      reject
    }
    else {
      ok
    }
  }
}`;

describe.skipIf(missing !== undefined)('Disconnect-Request', () => {
  let front: Front;
  let server: Program;
  let nas: Program;
  let late: Program | undefined;

  beforeAll(async () => {
    for (const name of Object.keys(port) as (keyof typeof port)[]) port[name] = await freeUdpPort();
    const radius = { address: '127.0.0.1', secret: radiusSecret };
    front = await openFront(
      undefined,
      {},
      {
        ftp: { radius: { ...radius, port: port.nas } },
        ssh2: { radius: { ...radius, port: port.nas, secret: 'another secret' } },
        sshd: { radius: { ...radius, port: port.late } },
      },
    );
    server = await startFreeradius(front.folder, 'server', shippedRadius(front, port));
    nas = await startFreeradius(front.folder, 'nas', { site: nasSite(port.nas), verbose: true });
    const lives = (absolute_seconds: number | null) =>
      front.call('PATCH', '/v1/policy', { stores: { ftp: { standard: { absolute_seconds } } } });
    await lives(2);
    await addAccount('aged1');
    await comeIn('aged1', 'aged');
    await lives(null);
    // What ran out is looked for among sessions that were quiet for the shortest idle clock of all.
    await front.call('PATCH', '/v1/policy', { stores: { panel: { public: { idle_seconds: 1 } } } });
  }, 120_000);
  afterAll(async () => {
    await late?.end();
    await nas?.end();
    await server?.end();
    await front?.close();
  });

  const addAccount = (login: string) => front.addAccount(login, { ftp: password, ssh: password });
  /** A login at a NAS, which names itself and begins to account for it. */
  async function comeIn(login: string, session: string, host = 'ftp'): Promise<string> {
    const at = { 'NAS-Identifier': host, 'Calling-Station-Id': '198.51.100.20', 'User-Name': login };
    const said = await radclient('auth', port.auth, { ...at, 'User-Password': password });
    expect(said, server.said().slice(-1500)).toMatch(/Received Access-Accept/);
    const began = { ...at, 'Acct-Session-Id': session, Class: classOf(said), 'Acct-Status-Type': 'Start' };
    expect(await radclient('acct', port.acct, began)).toMatch(/Accounting-Response/);
    return Buffer.from(classOf(said).slice(2), 'hex').toString();
  }
  const end = (select: object) => logoff(front, select);
  const receipts = (id: string, state: string, ms = 20_000) =>
    until(
      async () => {
        const now = await orderOf(front, id);
        return now.state !== 'pending' && now.receipts.every((receipt) => receipt.state === state) && now;
      },
      `receipts ${state}`,
      ms,
      front.service().said,
    );
  const asked = () => nas.said().split('Received Disconnect-Request').slice(1);

  it(
    'ended when the NAS acknowledges it; the request names that session, and no other was asked for',
    proves('FreeRADIUS: logoff idle'),
    async () => {
      const id = await addAccount('Web.One');
      await addAccount('neighbour');
      const session = await comeIn('Web.One', '4711');
      await comeIn('neighbour', '4712');
      const done = await receipts(await end({ account_id: id }), 'ended');
      expect(done.receipts).toMatchObject([
        { session_id: session, state: 'ended', detail: 'the NAS ended it (Disconnect-ACK)' },
      ]);
      const [request, ...others] = asked().filter((text) => !/"aged"/.test(text));
      expect(others).toEqual([]);
      // As the NAS wrote it, whatever the case.
      expect(request).toMatch(/User-Name = "Web.One"/);
      expect(request).toMatch(/Acct-Session-Id = "4711"/);
      expect(request).toMatch(/Event-Timestamp = /);
      expect(request).toMatch(/Message-Authenticator = 0x[0-9a-f]{32}/);
      expect(await front.live('&login=neighbour')).toHaveLength(1);
    },
  );

  let tries = 0;
  it('20 sessions of one account in one logoff, each asked for by its own name', async () => {
    const login = `many${++tries}`;
    const id = await addAccount(login);
    const mine = Array.from({ length: 20 }, (_, i) => `m${tries}x${i}`);
    for (const name of mine) await comeIn(login, name);
    const before = nas.said().length;
    const done = await receipts(await end({ account_id: id }), 'ended');
    expect(done.receipts).toHaveLength(20);
    // The NAS prints what its threads do at once, line by line among one another, and later than it answers.
    const names = () =>
      new Set(
        [
          ...nas
            .said()
            .slice(before)
            .matchAll(/Acct-Session-Id = "(\w+)"/g),
        ].map(([, name]) => name),
      );
    await until(() => names().size >= mine.length, 'what the NAS printed', 5_000, nas.said);
    expect([...names()].filter((name) => name !== 'aged').sort()).toEqual(mine.sort());
  });

  it('a NAS that knows the session no more: ended. One that refuses: not proven, with its reason', async () => {
    const [gone, kept] = [await addAccount('gone1'), await addAccount('kept1')];
    await comeIn('gone1', 'g1');
    await comeIn('kept1', 'k1');
    const proved = await receipts(await end({ account_id: gone }), 'ended');
    expect(proved.receipts[0]?.detail).toMatch(/no such session .*503/);
    const refused = await receipts(await end({ account_id: kept }), 'not_proven');
    expect(refused.receipts[0]?.detail).toMatch(/refuses to end it \(Disconnect-NAK 504\)/);
    expect(refused.state).toBe('partial');
  });

  it('with another secret nobody answers, and nothing is believed: unreachable', async () => {
    const id = await addAccount('strange1');
    await comeIn('strange1', 's1', 'ssh2');
    const left = await receipts(await end({ account_id: id }), 'unreachable');
    expect(left.receipts[0]?.detail).toBe('out of reach: the NAS does not answer');
    expect(asked().some((text) => /strange1/.test(text))).toBe(false);
  });

  it('a NAS that is away: unreachable; ended when it is back, also across a restart of the service', async () => {
    const id = await addAccount('late1');
    await comeIn('late1', 'l1', 'sshd');
    const ordered = await end({ account_id: id });
    const left = await receipts(ordered, 'unreachable');
    expect(left.receipts[0]?.detail).toMatch(/^out of reach: /);
    await front.service().end('SIGKILL');
    late = await startFreeradius(front.folder, 'late', { site: nasSite(port.late), verbose: true });
    await front.startService();
    const done = await receipts(ordered, 'ended');
    expect(done.state).toBe('done');
    expect(late.said().match(/Received Disconnect-Request/g)).toHaveLength(1);
  });

  it('a password that changes ends what it opened, at the NAS too', async () => {
    const id = await addAccount('changed1');
    const session = await comeIn('changed1', 'c1');
    const path = `/v1/accounts/${id}/credentials/ftp`;
    await front.call('PUT', path, { password: 'another way through the wood' });
    await until(() => asked().some((text) => /"c1"/.test(text)), 'the request');
    const page = () =>
      front.call<{ items: { id: string; door: string; end_reason: string }[] }>(
        'GET',
        '/v1/sessions?login=changed1',
      );
    const found = await until(async () => {
      const [row] = (await page()).body.items;
      return row?.door === 'ended' && row;
    }, 'the door');
    expect(found).toMatchObject({ id: session, end_reason: 'credential_changed' });
  });

  // Half a minute after the end: the NAS has its own clock for it (Session-Timeout). Begun before all the other tests.
  it('the absolute end is told to the NAS', proves('FreeRADIUS: absolute end'), async () => {
    const found = await until(
      async () => {
        const page = await front.call<{ items: { door: string; end_reason: string }[] }>(
          'GET',
          '/v1/sessions?login=aged1',
        );
        return page.body.items[0]?.door === 'ended' && page.body.items[0];
      },
      'the door',
      45_000,
      front.service().said,
    );
    expect(found.end_reason).toBe('absolute');
    expect(asked().filter((text) => /"aged"/.test(text))).toHaveLength(1);
  });

  it('no secret is in a log', () => {
    expect(front.service().said()).not.toContain(radiusSecret);
  });
});
