/** Everything that an SSH connection can be: each is one session with its own clocks, ended at once and provably. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { proves } from '../support/doors.ts';
import { giveKey, trusting } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { members, populated, running } from './support/kernel.ts';
import { dial } from './support/lines.ts';
import { logoff, settled } from './support/orders.ts';
import { freePort, type Program, start, until } from './support/processes.ts';
import { openSite, type SessionSeen, type Site, sharedUid } from './support/site.ts';

const missing = missingForDaemons();
const login = 'ghtsofa';

/** The agent under the capabilities of its unit, and no others. */
function leastRights(): string[] {
  const unit = readFileSync(`${projectRoot}/deploy/systemd/gatehouse-agent.service`, 'utf8');
  const names = /^CapabilityBoundingSet=(.+)$/m.exec(unit)?.[1]?.toLowerCase().split(' ') ?? [];
  const kept = names.map((name) => `+${name.replace('cap_', '')}`);
  return ['setpriv', '--no-new-privs', `--bounding-set=-all,${kept.join(',')}`];
}

describe.skipIf(missing !== undefined)('the ssh family', () => {
  let site: Site;
  let chrooted = 0;
  let jail = '';
  const forwarded = createServer((socket) =>
    socket.on('error', () => {}).on('data', (piece) => socket.write(piece)),
  );

  beforeAll(async () => {
    site = await openSite(leastRights());
    await site.addAccount(login, {});
    giveKey(site, login);
    // sshd takes no chroot below a directory that others may write to, such as /tmp.
    jail = mkdtempSync('/var/lib/gatehouse-jail-');
    mkdirSync(`${jail}/files`);
    chmodSync(jail, 0o755);
    writeFileSync(`${jail}/files/large.bin`, randomBytes(8_000_000));
    chownSync(`${jail}/files/large.bin`, sharedUid, sharedUid);
    chrooted = await site.startSshdWith('', [`ChrootDirectory ${jail}`, 'ForceCommand internal-sftp']);
    await new Promise<void>((resolve) => forwarded.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await clocks(3600, 36_000);
    await site.call('POST', '/v1/sessions/end', { select: { store: 'ssh' }, reason: 'after a test' });
    await until(async () => (await site.live()).length === 0, 'all to be over');
  });
  afterAll(async () => {
    forwarded.close();
    await site.close();
    rmSync(jail, { recursive: true, force: true });
  });

  const clocks = async (idle: number, absolute: number) => {
    const clock = { standard: { idle_seconds: idle, absolute_seconds: absolute } };
    const patched = await site.call('PATCH', '/v1/policy', { stores: { ssh: clock } });
    expect(patched.status).toBe(200);
  };

  /** A client with the key; `args` go before the address, `rest` after it. */
  const client = (
    program: 'ssh' | 'sftp',
    args: readonly string[],
    rest: readonly string[] = [],
    port = site.sshPort,
  ) =>
    start(program, [
      ...trusting,
      ...[
        '-i',
        `${site.folder}/keys/${login}.private`,
        '-o',
        `Port=${port}`,
        ...args,
        `${login}@127.0.0.1`,
        ...rest,
      ],
    ]);
  const only = () =>
    until(async () => {
      const live = await site.live(`&login=${login}`);
      return live.length === 1 ? live[0] : undefined;
    }, 'one session');
  const seen = async (id: string) => {
    const page = await site.call<{ items: SessionSeen[] }>('GET', `/v1/sessions?login=${login}&limit=50`);
    return page.body.items.find((each) => each.id === id);
  };
  const endReason = (id: string) =>
    until(async () => (await seen(id))?.end_reason ?? undefined, `the end of ${id}`);

  async function endedByForce(session: SessionSeen, ...programs: readonly Program[]): Promise<void> {
    await until(() => members(session.id).length > 0, 'members');
    const asked = Date.now();
    const id = await logoff(site, { ids: [session.id] });
    await Promise.all(programs.map((program) => program.over));
    for (const program of programs) expect((program.overAt() ?? Infinity) - asked).toBeLessThan(2_000);
    expect(await settled(site, id)).toMatchObject({
      state: 'done',
      receipts: [{ session_id: session.id, state: 'ended' }],
    });
    expect(populated(session.id)).toBe(false);
  }

  it('a shell by key: ended by force, idle and at its absolute end', async () => {
    const shell = client('ssh', ['-tt']);
    await shell.says(/\$ /);
    await endedByForce(await only(), shell);
    await clocks(2, 3600);
    const idle = client('ssh', ['-tt']);
    const idled = await only();
    await idle.over;
    expect(await endReason(idled.id)).toBe('idle');
    await clocks(60, 3);
    const used = client('ssh', ['-tt']);
    const session = await only();
    const typing = setInterval(() => used.write('true\n'), 150);
    await used.over;
    clearInterval(typing);
    expect(await endReason(session.id)).toBe('absolute');
  }, 60_000);

  const command = { ...proves('ssh: logoff mid-transfer'), timeout: 60_000 };
  it(
    'a command: ended by force with what it detached, or in full flow, and idle when it only waits',
    command,
    async () => {
      const command = client(
        'ssh',
        [],
        ['setsid sleep 8831 & nohup sleep 8832 >/dev/null 2>&1 & sleep 8833'],
      );
      const session = await only();
      await until(() => running('sleep 8833').length > 0, 'the command');
      await endedByForce(session, command);
      for (const job of ['8831', '8832', '8833']) expect(running(`sleep ${job}`)).toEqual([]);
      const flow = client('ssh', [], ['while :; do head -c 200000 /dev/zero; sleep 0.1; done']);
      const flowing = await only();
      await until(() => flow.said().length > 1_000_000, 'the flow');
      await endedByForce(flowing, flow);
      await clocks(2, 3600);
      const waiting = client('ssh', ['-o', 'ServerAliveInterval=1'], ['sleep 8834']);
      const idled = await only();
      await waiting.over;
      expect(await endReason(idled.id)).toBe('idle');
      expect(running('sleep 8834')).toEqual([]);
    },
  );

  const chroot = { ...proves('sftp: logoff idle, logoff mid-transfer, idle end'), timeout: 60_000 };
  it(
    'internal-sftp in a chroot: ended in the middle of a download and when it is left open, which has an idle end',
    chroot,
    async () => {
      const download = client('sftp', ['-l', '800'], [], chrooted);
      download.write(`get files/large.bin ${site.folder}/large.bin\n`);
      const session = await only();
      await until(async () => (await seen(session.id))?.channel === 'sftp', 'it to be known as sftp');
      const started = Date.now();
      await site.call('POST', '/v1/sessions/end', { select: { ids: [session.id] }, reason: 'test' });
      // sftp itself stays for its standard input; its connection is what must be gone.
      await until(() => !populated(session.id), 'the cgroup to be empty', 3_000);
      expect(Date.now() - started).toBeLessThan(3_000);
      download.write('', true);
      await download.over;
      const open = client('sftp', [], [], chrooted);
      const quiet = await only();
      await until(async () => (await seen(quiet.id))?.channel === 'sftp', 'it to be known as sftp');
      await endedByForce(quiet);
      await open.end();
      await clocks(2, 3600);
      const left = client('sftp', [], [], chrooted);
      const idled = await only();
      expect(await endReason(idled.id)).toBe('idle');
      expect(populated(idled.id)).toBe(false);
      await left.end();
    },
  );

  it('ControlMaster: every channel is the one session, and all end with it', async () => {
    const socket = `${site.folder}/mux`;
    const master = client('ssh', ['-M', '-S', socket, '-N']);
    const session = await only();
    await until(() => existsSync(socket), 'the master');
    const second = client('ssh', ['-S', socket], ['echo second; sleep 8841']);
    const third = client('ssh', ['-S', socket], ['echo third; sleep 8842']);
    await Promise.all([second.says(/second/), third.says(/third/)]);
    expect((await only()).id).toBe(session.id);
    await endedByForce(session, master, second, third);
    expect([...running('sleep 8841'), ...running('sleep 8842')]).toEqual([]);
  }, 60_000);

  it('forwarding alone (-N -L): followed, kept by use, ended idle, and by force with its connections', async () => {
    const address = forwarded.address();
    const target = typeof address === 'object' && address !== null ? address.port : 0;
    const local = await freePort();
    const tunnel = () => client('ssh', ['-N', '-L', `127.0.0.1:${local}:127.0.0.1:${target}`]);
    const connected = () =>
      until(async () => {
        const lines = await dial(local);
        lines.say('hello');
        return lines.hears(/hello/, 1_000).then(
          () => lines,
          () => undefined,
        );
      }, 'an echo through the tunnel');
    const first = tunnel();
    const session = await only();
    const through = await connected();
    await endedByForce(session, first);
    await through.closed;
    await clocks(2, 3600);
    const second = tunnel();
    const used = await only();
    const line = await connected();
    for (let i = 0; i < 10; i++) {
      line.say('still here');
      await sleep(400);
    }
    expect(second.overAt()).toBeUndefined();
    await second.over;
    expect(await endReason(used.id)).toBe('idle');
  }, 60_000);

  it('a session that is another process every millisecond, in sessions of its own, is proved ended by the kernel', async () => {
    const forks = `for i in 1 2 3 4 5 6 7 8; do perl -MPOSIX -e 'while (1) { exit if fork; setsid; exit if fork; select undef, undef, undef, 0.001 }' & done; echo up; sleep 8851`;
    const hostile = client('ssh', [], [forks]);
    await hostile.says(/up/);
    const session = await only();
    expect(members(session.id).length).toBeGreaterThan(4);
    await endedByForce(session, hostile);
  }, 60_000);

  it('the doctor finds nothing wrong with the link, the service, the key and the cgroups, and names a key of another installation', async () => {
    const env = {
      PATH: process.env.PATH,
      GATEHOUSE_URL: site.url,
      GATEHOUSE_KEY: site.agentKey,
      GATEHOUSE_HOST: site.hostName,
      GATEHOUSE_PAM_ADDRESS: site.pamAddress,
      GATEHOUSE_PAM_KEY_FILE: `${site.folder}/pam.key`,
    };
    const doctor = async (change: Record<string, string> = {}) => {
      const run = start(process.execPath, [`${projectRoot}/dist/main/cli.js`, 'doctor', '--host', '--json'], {
        env: { ...env, ...change },
      });
      await run.over;
      const { findings } = JSON.parse(run.said()) as {
        findings: { name: string; ok: boolean; detail: string }[];
      };
      return new Map(findings.map((each) => [each.name, each]));
    };
    const well = await doctor();
    for (const name of [
      'configuration',
      'service',
      'key',
      'clock',
      'release',
      'agent',
      'PAM link',
      'cgroups',
      'measuring',
    ]) {
      expect(well.get(name), name).toMatchObject({ ok: true });
    }
    const wrong = await doctor({
      GATEHOUSE_KEY: `ghc_${'x'.repeat(43)}`,
      GATEHOUSE_PAM_ADDRESS: '127.0.0.1:1',
    });
    expect(wrong.get('key')).toMatchObject({ ok: false });
    expect(wrong.get('PAM link')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/nobody answers/),
    });
  }, 60_000);
});
