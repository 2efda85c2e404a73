/** 50 live sessions of one account at every door that runs here, ended by one call: when each client sees the close. */
import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ftp, quietFtp, sftpGet, ssh } from '../../test/daemons/support/clients.ts';
import { type Dovecot, shippedDovecot, startDovecot } from '../../test/daemons/support/dovecot.ts';
import { deployedFile } from '../../test/daemons/support/front.ts';
import type { FtpServer } from '../../test/daemons/support/ftp-server.ts';
import { members, populated } from '../../test/daemons/support/kernel.ts';
import { dial } from '../../test/daemons/support/lines.ts';
import { type Program, until } from '../../test/daemons/support/processes.ts';
import { startPureFtpd } from '../../test/daemons/support/pureftpd.ts';
import { openSite, type Site, sharedUid } from '../../test/daemons/support/site.ts';
import { startVsftpd } from '../../test/daemons/support/vsftpd.ts';
import { cpuIn } from '../parts/cpu.ts';
import { fine, quantile, say } from '../parts/report.ts';

const rounds = Number(process.env.ROUNDS ?? 10);
const secret = 'one secret for every door here';

/** A live session's client: when it saw the close, in ms since 1970; undefined while it has not. */
interface Client {
  readonly door: string;
  readonly closed: Promise<unknown>;
  closedAt(): number | undefined;
}

const ofProgram = (door: string, program: Program): Client => ({
  ...{ door, closed: program.over, closedAt: program.overAt },
});
function ofSocket(door: string, closed: Promise<number>): Client {
  let at: number | undefined;
  const seen = closed.then((ms) => {
    at = ms;
  });
  return { door, closed: seen, closedAt: () => at };
}

let site: Site;
let vsftpd: FtpServer;
let pure: FtpServer;
let dovecot: Dovecot;

beforeAll(async () => {
  site = await openSite();
  vsftpd = await startVsftpd(site);
  pure = await startPureFtpd(site);
  const deployed = (path: string, changes: Readonly<Record<string, string>>) =>
    deployedFile(path, changes).replaceAll('"mail1"', '"host1"').replaceAll('host=mail1', 'host=host1');
  const { folder, url, client: key } = site;
  dovecot = await startDovecot(folder, shippedDovecot({ folder, url, key, deployed }, 'required'));
  const clock = { standard: { max_sessions: 100 } };
  const patched = await site.call('PATCH', '/v1/policy', { stores: { ssh: clock, ftp: clock, mail: clock } });
  expect(patched.status).toBe(200);
});
afterAll(async () => {
  await dovecot?.program.end();
  await pure?.end();
  await vsftpd?.end();
  await site?.close();
});

interface Customer {
  readonly id: string;
  readonly login: string;
  readonly virtual: string;
}

async function addCustomer(login: string): Promise<Customer> {
  const id = await site.addAccount(login, { ssh: secret, ftp: secret, mail: secret });
  const virtual = `${login}@example.test`;
  await site.addVirtualUser(id, virtual, secret);
  vsftpd.addLargeFile(virtual, login);
  // sftp limits its rate itself, by sleeping: the faster it may, the sooner it notices.
  for (const [name, bytes] of [
    ['large.bin', randomBytes(8_000_000)],
    ['huge.bin', randomBytes(200_000_000)],
  ] as const) {
    writeFileSync(`${site.folder}/home/${login}/${name}`, bytes);
    chownSync(`${site.folder}/home/${login}/${name}`, sharedUid, sharedUid);
  }
  return { id, login, virtual };
}

async function shell({ login }: Customer): Promise<Client> {
  const program = ssh(site, login, secret, undefined, true);
  await program.says(/\$ /, 60_000);
  return ofProgram('ssh', program);
}
async function download({ login }: Customer): Promise<Client> {
  return ofProgram('sftp, downloading', sftpGet(site, login, secret, 'huge.bin', '/dev/null', 2_000));
}
const quiet = async (door: string, at: Site, login: string) =>
  ofSocket(`${door}, idle`, (await quietFtp(at, login, secret, 60_000)).closed);
const transfer = async (door: string, at: Site, login: string) =>
  ofProgram(`${door}, downloading`, ftp(at, login, secret, 'large.bin'));
async function imap({ login }: Customer): Promise<Client> {
  const client = await dial(dovecot.imap);
  client.say(`a LOGIN ${login} "${secret}"`);
  await client.hears(/^a OK/m, 60_000);
  return ofSocket('Dovecot IMAP', client.closed);
}

/** One of each kind. */
const kinds: readonly ((customer: Customer) => Promise<Client>)[] = [
  shell,
  download,
  ({ login }) => quiet('ProFTPD', site, login),
  ({ login }) => transfer('ProFTPD', site, login),
  ({ virtual }) => quiet('vsftpd', vsftpd.site, virtual),
  ({ virtual }) => transfer('vsftpd', vsftpd.site, virtual),
  ({ virtual }) => quiet('Pure-FTPd', pure.site, virtual),
  ({ virtual }) => transfer('Pure-FTPd', pure.site, virtual),
  imap,
  imap,
];

/** `count` sessions, each held by the agent with its processes. */
async function comeIn(customer: Customer, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  // A few at a time: this is no bench of logins.
  for (let i = 0; i < count; i += kinds.length) {
    clients.push(...(await Promise.all(kinds.slice(0, count - i).map((open) => open(customer)))));
  }
  await until(
    async () => {
      const live = (await site.live(`&account_id=${customer.id}`)).filter(({ store }) => store !== 'panel');
      return live.length === count && live.every(({ id }) => members(id).length > 0);
    },
    `${count} sessions of ${customer.login}`,
    60_000,
  );
  return clients;
}

const spread = (list: readonly number[]) => {
  const sorted = [...list].sort((a, b) => a - b);
  return `p50 ${fine(quantile(sorted, 0.5), 0)}, p95 ${fine(quantile(sorted, 0.95), 0)}, max ${fine(sorted.at(-1) ?? Number.NaN, 0)} ms (n=${sorted.length})`;
};

const agentCpu = () => cpuIn(`/proc/${site.agent().pid}/stat`);

it('50 sessions of one account, by one call', async () => {
  const [one, other] = [await addCustomer('ghtmany'), await addCustomer('ghtelse')];
  const byDoor = new Map<string, number[]>();
  const agentMs: number[] = [];
  const answers: number[] = [];
  const last: number[] = [];
  const proofs: number[] = [];
  let untouched = 0;
  for (let round = 0; round < rounds; round++) {
    const others = await comeIn(other, kinds.length);
    const theirs = (await site.live(`&account_id=${other.id}`)).map(({ id }) => id).sort();
    const clients = await comeIn(one, 50);
    const ids = (await site.live(`&account_id=${one.id}`)).map(({ id }) => id);
    const cpuBefore = agentCpu();
    const asked = Date.now();
    const select = { account_id: one.id };
    const { body } = await site.call<{ order: { id: string; matched: number } }>('POST', '/v1/sessions/end', {
      ...{ select, reason: 'a bench' },
    });
    answers.push(Date.now() - asked);
    expect(body.order.matched).toBe(50);
    await Promise.all(clients.map(({ closed }) => closed));
    for (const { door, closedAt } of clients)
      byDoor.set(door, [...(byDoor.get(door) ?? []), (closedAt() ?? Number.NaN) - asked]);
    last.push(Math.max(...clients.map(({ closedAt }) => closedAt() ?? Number.NaN)) - asked);
    const receipts = await until(async () => {
      const order = await site.call<{ state: string; receipts: { state: string }[] }>(
        'GET',
        `/v1/orders/${body.order.id}`,
      );
      return order.body.state !== 'pending' && order.body.receipts;
    }, 'every receipt');
    proofs.push(Date.now() - asked);
    agentMs.push(agentCpu() - cpuBefore);
    expect(receipts.map(({ state }) => state)).toEqual(Array(50).fill('ended'));
    for (const id of ids) expect(populated(id), id).toBe(false);
    const still = (await site.live(`&account_id=${other.id}`)).map(({ id }) => id).sort();
    const whole = others.every(({ closedAt }) => closedAt() === undefined);
    if (whole && still.join() === theirs.join()) untouched++;
    await site.call('POST', '/v1/sessions/end', { select: { account_id: other.id }, reason: 'a bench' });
    await Promise.all(others.map(({ closed }) => closed));
  }
  const all = [...byDoor.values()].flat();
  say(`logoff of 50 sessions by one call, ${rounds} rounds; from sending it until the client saw the close:`);
  say(`  every client: ${spread(all)}`);
  for (const [door, list] of [...byDoor].sort()) say(`  ${door}: ${spread(list)}`);
  say(`  the call is answered: ${spread(answers)}`);
  say(`  the last of each round: ${spread(last)}`);
  say(`  every receipt is there, proved by the kernel: ${spread(proofs)}`);
  say(`  another account of the same uid, at the same doors, untouched in ${untouched} of ${rounds} rounds`);
  say(`  CPU time of the agent, a round: ${spread(agentMs)}`);
  const load = loadavg().map((value) => value.toFixed(1));
  say(
    `machine: ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}; load average ${load.join(' ')}`,
  );
  expect(untouched).toBe(rounds);
});
