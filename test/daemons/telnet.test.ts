/** Telnet, for hosts that cannot yet be without it: shut unless it is opened, from loopback alone, and then a session as any other. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { proves } from '../support/doors.ts';
import { addTotp } from './support/factor.ts';
import { addGroup, addUser, missingForDaemons, removeGroup, removeUser } from './support/host.ts';
import { members, populated, running } from './support/kernel.ts';
import { over } from './support/orders.ts';
import { type Program, start, until } from './support/processes.ts';
import { openSite, type Site } from './support/site.ts';
import { startTelnetd, type Telnetd, telnet, typeIn } from './support/telnet.ts';

const missing = missingForDaemons();
const login = 'ghttess';
const neighbour = 'ghttoni';
const outsider = 'ghttout';
const group = 'gatehouse-telnet';
const password = 'wires hum under the snow';
const panelPassword = 'panels open at sunrise';
const sentence = /This door is closed\. Use SSH: telnet sends the password in clear text\./;

describe.skipIf(missing !== undefined)('telnet', () => {
  let site: Site;
  let daemon: Telnetd;
  let account: string;
  beforeAll(async () => {
    site = await openSite();
    account = await site.addAccount(login, { ssh: password, panel: panelPassword });
    await site.addAccount(neighbour, { ssh: password, panel: panelPassword });
    await site.addAccount(outsider, { ssh: password, panel: panelPassword });
    addGroup(group, [login, neighbour]);
    daemon = await startTelnetd(site, login);
  });
  afterAll(async () => {
    await daemon?.end();
    removeGroup(group);
    await site?.close();
  });

  const allow = async (allowed: boolean) => {
    const patched = await site.call('PATCH', '/v1/policy', { channels: { telnet: { allowed } } });
    expect(patched.status).toBe(200);
  };
  const clocks = async (idle: number, absolute: number) => {
    const clock = { standard: { idle_seconds: idle, absolute_seconds: absolute } };
    const patched = await site.call('PATCH', '/v1/policy', { stores: { ssh: clock } });
    expect(patched.status).toBe(200);
  };
  const live = (name = login) => site.live(`&login=${name}&channel=telnet`);
  /** telnetd, login and the shell are in its cgroup. */
  const only = (name = login) =>
    until(
      async () => {
        const [session, another] = await live(name);
        return session && !another && members(session.id).length >= 3 ? session : undefined;
      },
      `the one session of ${name}`,
      15_000,
      () => site.agent().said().slice(-1500),
    );
  const shell = async (name = login, secret = password, port = daemon.ports.shipped): Promise<Program> => {
    const client = telnet(port);
    await typeIn(client, name, secret);
    await client.says(/\$ /);
    return client;
  };
  /** What the client saw, once it was sent away or has been asked again. */
  const refused = async (name: string, secret: string) => {
    const client = telnet(daemon.ports.shipped);
    await typeIn(client, name, secret);
    await client.says(/incorrect|closed by foreign host/);
    await client.end();
    expect(client.said()).not.toMatch(/\$ /);
    return client.said().replace(/^[\s\S]*?login: |(?<=incorrect)[\s\S]*$/g, '');
  };
  const endAll = async () => {
    const select = { channel: 'telnet' };
    const answer = await site.call<{ order: { id: string } }>('POST', '/v1/sessions/end', {
      select,
      reason: 'test',
    });
    return until(async () => {
      const { body } = await site.call<{ state: string; receipts: { state: string }[] }>(
        'GET',
        `/v1/orders/${answer.body.order.id}`,
      );
      return body.state === 'pending' ? undefined : body.receipts.map(({ state }) => state);
    }, 'every receipt');
  };

  it('is shut unless the policy opens it: says what to use instead, before any password is asked for', async () => {
    const before = await site.hashes();
    const told: string[] = [];
    for (const name of [login, 'ghtnobody', 'root']) {
      const client = telnet(daemon.ports.shipped);
      await client.says(/login: $/);
      client.write(`${name}\n`);
      await client.says(sentence);
      await client.over;
      expect(client.said()).not.toMatch(/Password|\$ /);
      told.push(client.said().split(name).slice(1).join(''));
    }
    expect(new Set(told).size).toBe(1);
    expect(await site.hashes()).toBe(before);
    expect(await site.refusals(account)).toEqual([]);
    // Where the PAM line does not ask first, the password that is typed is not judged either: the answer tells nothing.
    const answers = await Promise.all(
      [password, 'a wrong and long one'].map((each) =>
        site.call(
          'POST',
          '/v1/authenticate',
          { store: 'ssh', channel: 'telnet', login, password: each, source_ip: '127.0.0.1' },
          site.client,
        ),
      ),
    );
    expect(answers[0]?.body).toMatchObject({ decision: 'deny', reason: 'channel_refused' });
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await site.hashes()).toBe(before);
  });

  it(
    'opened, it lets a login in with the password of its own store alone, as a session with the address that the kernel knows',
    proves('telnet: right, wrong, other store'),
    async () => {
      await allow(true);
      for (const port of [daemon.ports.shipped, daemon.ports.named]) {
        const client = await shell(login, password, port);
        const session = await only();
        expect(session).toMatchObject({
          account_id: account,
          ...{ store: 'ssh', channel: 'telnet', host: 'host1', source_ip: '127.0.0.1' },
        });
        const names = members(session.id).map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
        expect(names.sort()).toEqual(['bash', 'login', 'telnetd']);
        client.write('exit\n');
        await client.over;
        expect((await over(site, session)).end_reason).toBe('closed');
        expect(populated(session.id)).toBe(false);
      }
      const wrong = await refused(login, 'a wrong and long password');
      expect(wrong).toMatch(/Login incorrect/);
      expect(await refused(login, panelPassword)).toBe(wrong);
      expect(await live()).toEqual([]);
    },
  );

  it('lets in members of its group alone: the right password of another account opens nothing', async () => {
    const client = telnet(daemon.ports.shipped);
    await typeIn(client, outsider, password);
    await client.over;
    expect(client.said()).not.toMatch(/\$ /);
    expect(await site.live('&channel=telnet')).toEqual([]);
  });

  it(
    'keeps a suspended account out, in the words of a wrong password',
    proves('telnet: suspended'),
    async () => {
      await site.call('POST', `/v1/accounts/${account}/suspend`, { reason: 'unpaid', level: 'logins' });
      expect(await refused(login, password)).toMatch(/Login incorrect/);
      await site.call('POST', `/v1/accounts/${account}/resume`);
      await (await shell()).end();
      await until(async () => (await live()).length === 0, 'it to be over');
    },
  );

  it(
    'ends by one order with all that it left running, idle or in full flow, proved by the kernel, and leaves the neighbour alone',
    proves('telnet: logoff idle, logoff mid-transfer'),
    async () => {
      const theirs = await shell(neighbour);
      const kept = await only(neighbour);
      const idle = await shell();
      idle.write("nohup sleep 8861 >/dev/null 2>&1 &\nsetsid sleep 8862 & echo be''gun\n");
      await idle.says(/begun/);
      await only();
      const flow = await shell();
      flow.write('while :; do head -c 20000 /dev/zero | tr "\\0" x; sleep 0.05; done\n');
      await until(() => flow.said().length > 200_000, 'the flow');
      const sessions = await live();
      expect(sessions.map(({ id }) => members(id).length >= 3)).toEqual([true, true]);
      const daemons = sessions.flatMap(({ id }) => members(id));
      const asked = Date.now();
      const select = { account_id: account };
      const ended = await site.call('POST', '/v1/sessions/end', { select, reason: 'test' });
      expect(ended.status).toBe(202);
      await Promise.all([idle.over, flow.over]);
      const took = [idle, flow].map((client) => (client.overAt() ?? Infinity) - asked);
      process.stdout.write(`telnet: logoff, idle and in full flow: ${took.join(' and ')} ms\n`);
      expect(Math.max(...took)).toBeLessThan(2_000);
      for (const session of sessions) {
        expect((await over(site, session)).end_reason).toBe('ended');
        await until(() => !populated(session.id), 'the cgroup to be empty', 3_000);
      }
      expect(daemons.filter((pid) => isTelnetd(pid))).toEqual([]);
      for (const job of ['8861', '8862']) expect(running(`sleep ${job}`)).toEqual([]);
      expect((await live(neighbour)).map(({ id }) => id)).toEqual([kept.id]);
      expect(theirs.overAt()).toBeUndefined();
      expect(await endAll()).toEqual(['ended']);
      await theirs.over;
    },
  );

  it(
    'ends idle when nobody types, whatever is printed meanwhile, and at its absolute end under the fingers',
    proves('telnet: idle end, absolute end'),
    async () => {
      await clocks(2, 3600);
      const printing = await shell();
      printing.write('while :; do date; sleep 0.1; done\n');
      const idle = await only();
      await printing.over;
      expect(printing.said()).toContain('since nothing was typed here for too long.');
      expect(await over(site, idle)).toMatchObject({ end_reason: 'idle', channel: 'telnet' });
      const typed = await shell();
      const used = await only();
      const began = Date.now();
      await clocks(2, 4);
      const typing = setInterval(() => typed.write('true\n'), 250);
      await typed.over;
      clearInterval(typing);
      expect(Date.now() - began).toBeGreaterThan(2_500);
      expect(typed.said()).toContain('since this session has lasted for as long as it may.');
      expect(await over(site, used)).toMatchObject({ end_reason: 'absolute', channel: 'telnet' });
      await clocks(900, 3600);
    },
  );

  it(
    'is followed by an agent that was killed and has forgotten everything, and ended by it',
    proves('telnet: agent restarted'),
    async () => {
      const client = await shell();
      const session = await only();
      await site.agent().end('SIGKILL');
      rmSync(`${site.folder}/state`, { recursive: true, force: true });
      await site.startAgent();
      expect((await only()).id).toBe(session.id);
      expect(await until(endAll, 'the receipts')).toEqual(['ended']);
      await client.over;
      expect(populated(session.id)).toBe(false);
    },
  );

  it(
    'lets nobody in without the service, nor without the agent',
    proves('telnet: service away'),
    async () => {
      for (const [away, back] of [
        [() => site.service().end(), () => site.startService()],
        [() => site.agent().end(), () => site.startAgent()],
      ] as const) {
        await away();
        const client = telnet(daemon.ports.shipped);
        await client.says(/login: $/);
        client.write(`${login}\n`);
        await client.says(/incorrect|closed by foreign host/);
        await client.end();
        expect(client.said()).not.toMatch(/Password|\$ /);
        await back();
      }
      await until(async () => (await site.call('GET', '/readyz')).status === 200, 'the service');
      await until(async () => {
        const client = telnet(daemon.ports.shipped);
        await client.says(/login: $/);
        client.write(`${login}\n`);
        const asked = await client.says(/Password: |incorrect|closed by foreign host/);
        await client.end();
        return asked[0] === 'Password: ';
      }, 'the agent to be in touch');
    },
  );

  it('takes no login from elsewhere, whatever its address is called, and gives no password a chance to be typed', async () => {
    await allow(true);
    const before = await site.hashes();
    const client = telnet(daemon.ports.outside, daemon.address);
    await client.says(/login: $/);
    client.write(`${login}\n`);
    await client.says(sentence);
    await client.over;
    expect(client.said()).not.toMatch(/Password|\$ /);
    expect(await site.hashes()).toBe(before);
  });

  it('lets nobody in whom the daemon takes at his word, nor by what a client says that its name is', async () => {
    await allow(true);
    const taken = telnet(daemon.ports.trusting);
    await taken.over;
    expect(taken.said()).not.toMatch(/\$ /);
    expect((await site.refusals(account)).at(-1)).toBe('not_by_password');
    const { bare, shipped } = daemon.ports;
    const offers = ['-f root', `-f ${login}`, '-froot', 'root'];
    const tries = offers.flatMap((name) => [bare, shipped].map((port) => ({ name, port })));
    const seen = await Promise.all(
      tries.map(async ({ name, port }) => {
        const client = telnet(port, '127.0.0.1', name);
        await client.says(/login: |Password: |closed by foreign host/);
        client.write('\nid\n');
        await sleep(700);
        await client.end();
        return client.said();
      }),
    );
    for (const said of seen) expect(said).not.toMatch(/[$#] $|uid=/);
    expect(await site.live('&channel=telnet')).toEqual([]);
  });

  it(
    'asks for the code after the password, once the account has a second factor',
    proves('telnet: second factor'),
    async () => {
      const factor = await addTotp(site, neighbour, panelPassword);
      const wrong = telnet(daemon.ports.shipped);
      await typeIn(wrong, neighbour, password);
      await wrong.says(/Verification code: $/);
      wrong.write('000000\n');
      await wrong.says(/not right/);
      await wrong.end();
      expect(await live(neighbour)).toEqual([]);
      const client = telnet(daemon.ports.shipped);
      await typeIn(client, neighbour, password);
      await client.says(/Verification code: $/);
      client.write(`${factor.code()}\n`);
      await client.says(/\$ /);
      await only(neighbour);
      client.write('exit\n');
      await client.over;
    },
  );

  it('leaves the consoles to the host, without the agent too, and no terminal of telnet', async () => {
    execFileSync('make', ['-s', '-C', `${projectRoot}/pam`, `BUILD=${site.folder}/pam`, 'driver'], {
      stdio: 'pipe',
    });
    const operator = 'ghtcons';
    addUser(operator, 31_102, site.folder);
    execFileSync('chpasswd', [], { input: `${operator}:${password}\n` });
    const codes = async (tty: string, name: string) => {
      const driver = start(`${site.folder}/pam/driver`, ['/etc/pam.d', 'login', name, '', 'auth', 'account']);
      driver.write(`password ${Buffer.from(password).toString('hex')}\ntty ${tty}\n`, true);
      await driver.over;
      return [...driver.said().matchAll(/^step (?:auth|account) (\d+)/gm)].map(([, code]) => Number(code));
    };
    try {
      // Not telnetd's child: what the agent cannot place is refused as a login from elsewhere.
      expect((await codes('/dev/pts/9', login))[0]).not.toBe(0);
      for (const tty of ['/dev/hvc0', '/dev/tty1', 'ttyS0'])
        expect(await codes(tty, operator), tty).toEqual([0, 0]);
      await site.agent().end();
      expect(await codes('/dev/tty1', operator)).toEqual([0, 0]);
      expect((await codes('/dev/pts/9', operator))[0]).not.toBe(0);
    } finally {
      removeUser(operator);
      await site.startAgent();
    }
  });
});

function isTelnetd(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'telnetd';
  } catch {
    return false;
  }
}
