/** A real Dovecot and a host agent: its sessions are ended by their processes, and proved ended by the kernel. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { type Dovecot, mailUid, shippedDovecot, startDovecot } from './support/dovecot.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { members, populated } from './support/kernel.ts';
import { dial, type Lines } from './support/lines.ts';
import { logoff, orderIn, orderOf } from './support/orders.ts';
import { freePort, type Program, start, until } from './support/processes.ts';

const missing = missingPrograms([
  '/usr/sbin/dovecot',
  '/usr/lib/dovecot/imap',
  '/usr/lib/dovecot/pop3',
  '/usr/lib/dovecot/modules/auth/libauthdb_lua.so',
  '/usr/bin/openssl',
]);
const password = 'letters sleep in boxes';
const host = 'mail1';
let number = 0;

describe.skipIf(missing !== undefined)('Dovecot, with a host agent', () => {
  let front: Front;
  let dovecot: Dovecot;
  let agent: Program;
  let imaps: number;

  beforeAll(async () => {
    front = await openFront();
    agent = await front.startAgent(host);
    await agentInTouch();
    imaps = await freePort();
    const { folder } = front;
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
        ...['-keyout', `${folder}/tls.key`, '-out', `${folder}/tls.crt`],
      ],
      { stdio: 'ignore' },
    );
    const tls = [
      ...[
        'imap_idle_notify_interval = 1 secs',
        'ssl = yes',
        `ssl_cert = <${folder}/tls.crt`,
        `ssl_key = <${folder}/tls.key`,
      ],
      `service imap-login {\n  inet_listener imaps {\n    port = ${imaps}\n    ssl = yes\n  }\n}`,
    ];
    dovecot = await startDovecot(folder, [shippedDovecot(front, 'required'), ...tls].join('\n'));
  }, 120_000);
  afterAll(async () => {
    await dovecot?.program.end();
    await agent?.end();
    await front?.close();
  });

  const agentInTouch = () =>
    until(async () => {
      const headers = { authorization: `Bearer ${front.operator}` };
      const metrics = await (await fetch(`${front.url}/metrics`, { headers })).text();
      return /^gatehouse_agents_connected 1$/m.test(metrics);
    }, 'the agent’s stream');
  const newMailbox = async () => {
    const login = `held${++number}`;
    return { login, id: await front.addAccount(login, { mail: password }) };
  };
  async function imap(login: string): Promise<Lines> {
    const client = await dial(dovecot.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN ${login} "${password}"`);
    await client.hears(/^a OK/m, 20_000).catch((error: unknown) => {
      throw new Error(`${error}\n${dovecot.log().slice(-2000)}\n${agent.said().slice(-2000)}`);
    });
    return client;
  }
  const sessions = (login: string) => front.live(`&login=${login}`);
  /** Its process is in a cgroup of its own: the agent holds it. */
  const held = (id: string) =>
    until(() => members(id).length === 1, `the agent to hold ${id}`, 10_000, agent.said);
  const allHeld = async (login: string, count: number) => {
    const all = await until(async () => {
      const found = await sessions(login);
      return found.length === count && found;
    }, `${count} sessions`);
    for (const { id } of all) await held(id);
    return all;
  };
  const end = (select: object) => logoff(front, select);
  const order = (id: string) => orderOf(front, id);
  const carriedOut = (id: string) => orderIn('done', front, id, agent.said);

  it(
    'a forced logoff of an idle session: the client hears BYE, the kernel proves it, a neighbour stays',
    proves('IMAP: logoff idle'),
    async () => {
      const [one, other] = [await newMailbox(), await newMailbox()];
      const [client, neighbour] = [await imap(one.login), await imap(other.login)];
      const [session] = await allHeld(one.login, 1);
      const began = Date.now();
      const id = await end({ account_id: one.id });
      expect((await client.closed) - began).toBeLessThan(5_000);
      expect(client.said()).toMatch(/^\* BYE Server shutting down/m);
      const done = await carriedOut(id);
      expect(done.receipts).toMatchObject([
        { session_id: session?.id, state: 'ended', detail: expect.stringMatching(/^cgroup empty after/) },
      ]);
      neighbour.say('b NOOP');
      await neighbour.hears(/^b OK/m);
      neighbour.end();
    },
  );

  it('one of three sessions of the same login and address: that one, and no other', async () => {
    const { login } = await newMailbox();
    const clients = [await imap(login), await imap(login), await imap(login)];
    const all = await allHeld(login, 3);
    const id = await end({ ids: [all[1]?.id] });
    await carriedOut(id);
    const left = await sessions(login);
    expect(left.map((each) => each.id).sort()).toEqual([all[0]?.id, all[2]?.id].sort());
    const closed: number[] = [];
    for (const [index, client] of clients.entries()) {
      client.say('b NOOP');
      await Promise.race([client.hears(/^b OK/m), client.closed.then(() => closed.push(index))]);
    }
    expect(closed).toHaveLength(1);
    for (const client of clients) client.end();
  });

  it('16 sessions of one account in one logoff, POP3 among them', proves('POP3: logoff idle'), async () => {
    const { login, id: account } = await newMailbox();
    const clients = await Promise.all(Array.from({ length: 8 }, () => imap(login)));
    clients.push(...(await Promise.all(Array.from({ length: 8 }, () => pop3(login)))));
    await allHeld(login, 16);
    const id = await end({ account_id: account });
    await Promise.all(clients.map((client) => client.closed));
    const done = await carriedOut(id);
    expect(done.receipts).toHaveLength(16);
    expect(done.receipts.every((receipt) => receipt.state === 'ended')).toBe(true);
    for (const { session_id } of done.receipts) expect(populated(session_id)).toBe(false);
  });
  async function pop3(login: string): Promise<Lines> {
    const client = await dial(dovecot.pop3);
    await client.hears(/^\+OK/m);
    client.say(`USER ${login}`);
    await client.hears(/^\+OK/m);
    client.say(`PASS ${password}`);
    await client.hears(/^\+OK/m, 20_000);
    return client;
  }

  it(
    'in the middle of a large FETCH that the client takes slowly, behind TLS',
    proves('IMAP: logoff mid-transfer'),
    async () => {
      const { login, id: account } = await newMailbox();
      deliver(login, 'x'.repeat(76).concat('\n').repeat(400_000));
      const socket = tlsConnect({ host: '127.0.0.1', port: imaps, rejectUnauthorized: false });
      let heard = '';
      let bytes = 0;
      socket.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes < 4_000) heard += piece.toString();
      });
      socket.on('error', () => {});
      const closed = new Promise<number>((resolve) => socket.on('close', () => resolve(Date.now())));
      await until(() => /^\* OK/m.test(heard), 'the greeting');
      socket.write(`a LOGIN ${login} "${password}"\r\nb SELECT INBOX\r\n`);
      await until(
        () => /^b OK/m.test(heard),
        'the mailbox',
        20_000,
        () => heard,
      );
      const [session] = await allHeld(login, 1);
      socket.write('c FETCH 1 BODY[]\r\n');
      await until(() => bytes > 500_000, 'the transfer');
      socket.pause();
      const id = await end({ account_id: account });
      await carriedOut(id);
      expect(populated(session?.id ?? '')).toBe(false);
      socket.resume();
      await closed;
      expect(bytes).toBeLessThan(30_000_000);
    },
  );

  it('in the middle of a large RETR', proves('POP3: logoff mid-transfer'), async () => {
    const { login, id: account } = await newMailbox();
    deliver(login, 'x'.repeat(76).concat('\n').repeat(400_000));
    const socket = createConnection({ host: '127.0.0.1', port: dovecot.pop3 });
    let bytes = 0;
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
    });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.write(`USER ${login}\r\nPASS ${password}\r\n`);
    const [session] = await allHeld(login, 1);
    socket.write('RETR 1\r\n');
    await until(() => bytes > 500_000, 'the transfer');
    socket.pause();
    await carriedOut(await end({ account_id: account }));
    expect(populated(session?.id ?? '')).toBe(false);
    socket.resume();
    await closed;
    expect(bytes).toBeLessThan(30_000_000);
  });

  function deliver(login: string, body: string): void {
    const box = `${front.folder}/dovecot/mail/${login}`;
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(`${box}/${part}`, { recursive: true });
    writeFileSync(`${box}/new/1.1.test`, `From: a@example.net\nSubject: large\n\n${body}`);
    execFileSync('chown', ['-R', `${mailUid}:${mailUid}`, box]);
  }

  const idle = proves('IMAP: idle end', 'POP3: idle end');
  it(
    'the idle end: by the policy, with its reason; a session in use lives on, behind TLS too',
    idle,
    async () => {
      const [quiet, busy, secure] = [await newMailbox(), await newMailbox(), await newMailbox()];
      const post = await newMailbox();
      await clocks({ idle_seconds: 2 });
      const [still, used] = [await imap(quiet.login), await imap(busy.login)];
      const stillPost = await pop3(post.login);
      const socket = tlsConnect({ host: '127.0.0.1', port: imaps, rejectUnauthorized: false });
      socket.on('error', () => {});
      socket.write(`a LOGIN ${secure.login} "${password}"\r\n`);
      const typing = setInterval(() => {
        used.say('n NOOP');
        socket.write('n NOOP\r\n');
      }, 300);
      // Dovecot says that it is still there: nobody's doing.
      still.say('i IDLE');
      await still.closed;
      expect(still.said()).toMatch(/^\* OK Still here[\s\S]*^\* BYE/m);
      await stillPost.closed;
      for (const { login } of [quiet, post])
        await until(async () => (await ends(login))[0] === 'idle', 'the reason', 10_000);
      await sleep(1_500);
      expect(await sessions(busy.login)).toHaveLength(1);
      expect(await sessions(secure.login)).toHaveLength(1);
      clearInterval(typing);
      socket.destroy();
      used.end();
      await clocks({ idle_seconds: null });
    },
  );

  const absolute = proves('IMAP: absolute end', 'POP3: absolute end');
  it('the absolute end, however busy', absolute, async () => {
    const [{ login }, post] = [await newMailbox(), await newMailbox()];
    await clocks({ absolute_seconds: 3 });
    const client = await imap(login);
    const postClient = await pop3(post.login);
    const typing = setInterval(() => {
      client.say('n NOOP');
      postClient.say('NOOP');
    }, 200);
    await Promise.all([client.closed, postClient.closed]);
    clearInterval(typing);
    for (const each of [login, post.login])
      await until(async () => (await ends(each))[0] === 'absolute', 'the reason', 10_000);
    await clocks({ absolute_seconds: null });
  });

  async function clocks(standard: object): Promise<void> {
    const patched = await front.call('PATCH', '/v1/policy', { stores: { mail: { standard } } });
    expect(patched.status).toBe(200);
  }
  async function ends(login: string): Promise<(string | null)[]> {
    const page = await front.call<{ items: { end_reason: string | null }[] }>(
      'GET',
      `/v1/sessions?login=${login}`,
    );
    return page.body.items.map((each) => each.end_reason);
  }

  it('a voluntary logout: closed, and the door proved shut', async () => {
    const { login } = await newMailbox();
    const client = await imap(login);
    await allHeld(login, 1);
    client.say('b LOGOUT');
    await client.closed;
    await until(async () => (await ends(login))[0] === 'closed', 'the end', 10_000);
  });

  const restarted = proves('IMAP: agent restarted', 'POP3: agent restarted');
  it(
    'the agent restarted: it knows its sessions again; an order of meanwhile is carried out',
    restarted,
    async () => {
      const [one, two] = [await newMailbox(), await newMailbox()];
      const [first, second] = [await imap(one.login), await imap(two.login)];
      const post = await pop3(one.login);
      await allHeld(one.login, 2);
      await agent.end('SIGKILL');
      const id = await end({ account_id: one.id });
      expect((await order(id)).state).not.toBe('done');
      agent = await front.startAgent(host);
      await Promise.all([first.closed, post.closed]);
      await carriedOut(id);
      second.say('b NOOP');
      await second.hears(/^b OK/m);
      await carriedOut(await end({ account_id: two.id }));
      await second.closed;
    },
  );

  it('begun while the agent was down, but not silent for its lease: taken up by hello', async () => {
    const { login, id: account } = await newMailbox();
    await agent.end('SIGKILL');
    const client = await imap(login);
    agent = await front.startAgent(host);
    await allHeld(login, 1);
    await carriedOut(await end({ account_id: account }));
    await client.closed;
  });

  const away = proves('IMAP: service away', 'POP3: service away');
  it(
    'the service away: nobody comes in, who is in stays in, and the logoff follows when it is back',
    away,
    async () => {
      const { login, id: account } = await newMailbox();
      const [client, post] = [await imap(login), await pop3(login)];
      await allHeld(login, 2);
      await front.service().end('SIGKILL');
      const refused = await dial(dovecot.imap);
      await refused.hears(/^\* OK/m);
      refused.say(`a LOGIN ${login} "${password}"`);
      await refused.hears(/^a NO \[UNAVAILABLE\]/m);
      refused.end();
      const refusedPost = await dial(dovecot.pop3);
      await refusedPost.hears(/^\+OK/m);
      refusedPost.say(`USER ${login}`);
      await refusedPost.hears(/^\+OK/m);
      refusedPost.say(`PASS ${password}`);
      await refusedPost.hears(/^-ERR \[SYS\/TEMP\]/m);
      refusedPost.end();
      for (const [still, pattern] of [
        [client, /^b OK/m],
        [post, /^\+OK/m],
      ] as const) {
        still.say(still === client ? 'b NOOP' : 'NOOP');
        await still.hears(pattern);
      }
      await front.startService();
      await carriedOut(await end({ account_id: account }));
      await Promise.all([client.closed, post.closed]);
    },
  );

  it('whoever has the daemon’s key cannot have another process of the host ended', async () => {
    const { login, id: account } = await newMailbox();
    const decoy = start('/bin/sleep', ['300']);
    const ref = 'forged-session';
    const body = {
      login,
      password,
      service: 'imap',
      remote: '198.51.100.7',
      remote_port: '4000',
      session: ref,
    };
    const hook = (command: string, told: object) =>
      front
        .call('POST', `/hooks/dovecot?command=${command}&host=${host}`, told, front.key)
        .catch(() => undefined);
    await hook('check', body);
    const stat = readFileSync(`/proc/${decoy.pid}/stat`, 'utf8');
    const start_ = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    await hook('process', { session: ref, pid: String(decoy.pid), start: start_, boot_id });
    await agent.says(/no session of a daemon/);
    const id = await end({ account_id: account });
    const done = await until(async () => {
      const now = await order(id);
      return now.receipts[0]?.state === 'not_proven' && now;
    }, 'the receipt');
    expect(done.receipts[0]?.detail).toMatch(/is no session of a daemon/);
    expect(decoy.overAt()).toBeUndefined();
    await decoy.end('SIGKILL');
  });
});
