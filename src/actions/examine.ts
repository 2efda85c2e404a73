/** What is wrong with this installation, as far as the server can see: for `gatehouse doctor`. */
import type { Finding } from '../domain/finding.ts';
import { databaseClock } from '../store/db.ts';
import { allHosts } from '../store/hosts.ts';
import { boundKeys } from '../store/installation.ts';
import { mailTrouble } from '../store/mails.ts';
import { policyInForce } from '../store/policy.ts';
import { anyOperator } from '../store/principals.ts';
import { version } from '../version.ts';
import type { Ctx } from './context.ts';
import { leaseMs } from './steps/grace.ts';

/** Clocks of nodes and database may differ by this before timeouts go visibly wrong. */
const clockToleranceMs = 1000;

/** `fingerprint`: of the key ring that this machine has, if it has one. */
export async function examine(ctx: Ctx, fingerprint?: string): Promise<Finding[]> {
  const before = ctx.house.world.now().getTime();
  const there = await databaseClock(ctx.house.database);
  const after = ctx.house.world.now().getTime();
  const skew = Math.round(there - (before + after) / 2);
  const { version: policyVersion } = await policyInForce(ctx.read);
  const bound = await boundKeys(ctx.read);
  const staff = await anyOperator(ctx.read);
  const hosts = await allHosts(ctx.read);
  const mail = await mailTrouble(ctx.read, ctx.now);
  return [
    {
      name: 'key ring',
      ok: bound === undefined || fingerprint === undefined || bound === fingerprint,
      detail: bound === undefined ? 'the database is bound to none yet' : `the database is bound to ${bound}`,
    },
    { name: 'database', ok: true, detail: `answers in ${after - before} ms` },
    { name: 'schema', ok: true, detail: `in place, policy version ${policyVersion}` },
    {
      name: 'clock',
      ok: Math.abs(skew) <= clockToleranceMs,
      detail: `the database's clock is ${skew} ms ahead of this machine's`,
    },
    {
      name: 'operators',
      ok: staff,
      detail: staff ? 'there is staff' : 'nobody yet: gatehouse operator create YOU --role admin',
    },
    {
      name: 'outbox',
      ok: mail.waiting === 0 && mail.failed === 0,
      detail: `${mail.waiting} mails wait for more than an hour, ${mail.failed} were given up in the last day`,
    },
    ...hosts.map((host) => {
      const silent = ctx.now.getTime() - host.lastContactAt.getTime();
      const seconds = Math.round(silent / 1000);
      const same = host.version === version;
      const release = same ? `release ${host.version}` : `release ${host.version}, this is ${version}`;
      const silence = silent < leaseMs ? '' : ': nobody can log in there until it is back';
      const detail = `${release}, last heard of ${seconds} s ago${silence}`;
      return { name: `agent ${host.name}`, ok: silent < leaseMs && same, detail };
    }),
  ];
}
