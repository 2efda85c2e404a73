/** Files of other systems come in whole, once, and nobody gets somebody else's name by one; their owners log in. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { changeStatus, createAccount } from '../../src/actions/accounts.ts';
import type { Principal } from '../../src/actions/context.ts';
import { setCredential } from '../../src/actions/credentials.ts';
import { type ImportInput, importAccounts } from '../../src/actions/import-accounts.ts';
import { BodyBroken } from '../../src/domain/body-broken.ts';
import type { ImportReport } from '../../src/protocol/imports.ts';
import { ours, schemeVectors } from '../hashing/scheme-vectors.ts';
import { admin, fitTestHouse, opened, panel, password, value } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20, threads: 2 });
afterAll(house.close);
const { sql } = house.database;
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

async function* bytesOf(text: string, chunk = 16_384): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

/** An import as an operator would ask for it; CSV into the store `ftp` unless said otherwise. */
const attempt = (text: string, more: Partial<ImportInput> = {}) =>
  importAccounts(house.ctx(admin), {
    ...{ format: 'csv', store: 'ftp', dryRun: false, overwrite: false },
    ...{ bytes: bytesOf(text), fingerprint: md5(text) },
    ...more,
  });
const bring = async (text: string, more: Partial<ImportInput> = {}): Promise<ImportReport> =>
  value(await attempt(text, more));

async function rows(login: string) {
  return sql<
    { account: string; store: string; hash: string; scheme: string; epoch: number; locked: boolean }[]
  >`
    select a.login as account, store, hash, scheme, epoch::int, locked_at is not null as locked
      from credentials c join accounts a on a.id = c.account_id where c.login = ${login} order by store`;
}
async function size() {
  const [all] = await sql<Record<string, number>[]>`
    select (select count(*) from accounts)::int as accounts, (select count(*) from credentials)::int as credentials,
      (select count(*) from audit_events)::int as events, (select count(*) from imports)::int as imports`;
  return all;
}

describe('owners log in', () => {
  const colon = ':2001:2001::/home/x:/bin/sh';
  const lines: Record<string, (login: string, hash: string) => string> = {
    shadow: (login, hash) => `${login}:${hash}:19000:0:99999:7:::`,
    passwd: (login, hash) => `${login}:${hash}${colon}`,
    pureftpd: (login, hash) => `${login}:${hash}:2001:2001::/home/x/./::::::::::::`,
    htpasswd: (login, hash) => `${login}:${hash}`,
    dovecot: (login, hash) => `${login}:${hash}${colon}`,
    csv: (login, hash) => `${login},"${hash}",`,
    ndjson: (login, hash) => JSON.stringify({ login, hash }),
  };
  /** In CSV all vectors; elsewhere one of each scheme. */
  const usable = (format: string) =>
    schemeVectors
      .filter((each) => each.password !== '')
      .filter(({ scheme }, n, all) => format === 'csv' || all.findIndex((one) => one.scheme === scheme) === n)
      .filter(({ hash }) => format === 'csv' || format === 'ndjson' || !hash.includes(':'));

  it.each(Object.keys(lines))('%s: one of every scheme', async (format) => {
    const named = usable(format).map((each, n) => ({ ...each, login: `${format}-${n}@example.net` }));
    const report = await bring(named.map(({ login, hash }) => lines[format]?.(login, hash)).join('\n'), {
      format,
    });
    expect(report).toMatchObject({ created: named.length, accounts_created: named.length, refused: [] });
    expect(Object.values(report.schemes).reduce((a, b) => a + b)).toBe(named.length);
    for (const [n, { login, password: right, scheme }] of named.entries()) {
      const source_ip = `198.18.${n}.${format.length}`;
      expect(await house.guess({ login, password: `x${right}`, source_ip }), scheme).toMatchObject({
        decision: 'deny',
      });
      expect(await house.guess({ login, password: right, source_ip }), scheme).toMatchObject({
        decision: 'allow',
      });
      expect(await rows(login)).toMatchObject([{ scheme: 'gatehouse', epoch: 1 }]);
      expect(await house.guess({ login, password: right, source_ip })).toMatchObject({ decision: 'allow' });
    }
  });

  it('the unix side of an account is kept where it is a person’s own', async () => {
    await bring(
      `web1:${md5('one')}:5004:5005::/var/www/web1/./:/bin/false\nweb2:${md5('two')}:33:33::/var/www:`,
      {
        format: 'passwd',
      },
    );
    expect(await house.guess({ login: 'web1', password: 'one' })).toMatchObject({
      unix: { uid: 5004, gid: 5005, home: '/var/www/web1', shell: '/bin/false' },
    });
    expect(await house.guess({ login: 'web2', password: 'two' })).not.toHaveProperty('unix');
  });

  it('a locked login is there and lets nobody in, whatever the file kept of its hash', async () => {
    const report = await bring(`lock1:!${md5('one')}:::::::\nlock2:*:::::::\nlock3::::::::`, {
      format: 'shadow',
    });
    expect(report).toMatchObject({ created: 3, locked: 3, schemes: { md5: 1, none: 2 } });
    expect((await rows('lock1'))[0]).toMatchObject({ locked: true, scheme: 'md5' });
    for (const [login, tried] of [
      ['lock1', 'one'],
      ['lock2', '*'],
      ['lock3', '!'],
    ] as const) {
      expect(await house.guess({ login, password: tried })).toEqual({
        decision: 'deny',
        reason: 'invalid_credentials',
      });
    }
  });
});

describe('the report', () => {
  it('counts by scheme, names the weak ones, and the refused rows with line and reason', async () => {
    const sixteen = schemeVectors.find(({ scheme }) => scheme === 'sha512-crypt')?.hash;
    const report = await bring(
      `login,hash,email\nrep1,${md5('x')},\n\nrep2,${sixteen},r@example.net\nroot,${sixteen}\nrep3,hunter2\nrep2,${sixteen}\n`,
    );
    expect(report).toMatchObject({
      ...{ lines: 7, created: 2, existing: 1, ignored: 2, refused_count: 2, dry_run: false, overwritten: 0 },
      schemes: { md5: 1, 'sha512-crypt': 1 },
      weak: [{ scheme: 'md5', count: 1, reason: expect.stringContaining('without a salt') }],
      unverifiable: [],
      refused: [
        { line: 5, reason: expect.stringContaining('system') },
        { line: 6, reason: expect.stringContaining('Unknown scheme') },
      ],
      existing_rows: [{ line: 7, login: 'rep2' }],
    });
    expect(JSON.stringify(report)).not.toContain('hunter2');
    expect(await house.events('accounts.imported')).toContainEqual(
      expect.objectContaining({
        actor_id: 'opr_admin',
        detail: expect.objectContaining({ import: report.id, created: 2, refused: 2 }),
      }),
    );
  });

  it('every account and credential has its event, which names the import and no hash', async () => {
    const { id } = await bring(`ev1,${md5('a')}\nev2,${md5('b')}`);
    const events = (await house.events()).filter((event) => event.detail?.import === id);
    expect(events.map(({ kind }) => kind)).toEqual([
      'account.created',
      'account.created',
      'credential.set',
      'credential.set',
      'accounts.imported',
    ]);
    expect(JSON.stringify(events)).not.toContain(md5('a'));
  });

  it('names a thousand refused rows and counts them all', async () => {
    const report = await bring(Array.from({ length: 6500 }, (_, n) => `bad${n},nonsense`).join('\n'));
    expect(report).toMatchObject({ refused_count: 6500, created: 0, lines: 6500 });
    expect(report.refused).toHaveLength(1000);
  });

  it('says the same in a dry run, which changes nothing', async () => {
    await bring(`dry0,${md5('0')}\n`);
    const file = [
      `login,hash,account`,
      `dry0,${md5('x')},`,
      `dry1,${md5('1')},`,
      `dry1,${md5('again')},`,
      `dry2,${md5('2')},dry1`,
      `dry3,${md5('3')},dryowner`,
      `dry3,${md5('3')},dry1`,
      `dryowner,${md5('4')},`,
      `dry1,${md5('5')},dry3`,
      `dry4,nonsense,`,
      ...Array.from({ length: 2500 }, (_, n) => `drymany${n},${md5(String(n))},`),
      `drymany7,${md5('7')},`,
    ].join('\n');
    for (const overwrite of [false, true]) {
      const before = await size();
      const dry = await bring(file, { dryRun: true, overwrite });
      expect(dry).toMatchObject({ id: null, dry_run: true });
      expect(await size()).toEqual(before);
      const wet = await bring(file, { overwrite });
      const common = ({ id: _, dry_run: __, ...rest }: ImportReport) => rest;
      expect(common(wet)).toEqual(common(dry));
      if (!overwrite) expect(wet).toMatchObject({ created: 2504, existing: 3, refused_count: 3 });
    }
  });
});

describe('names', () => {
  it('a login goes to the account of its name, to the one that has it elsewhere, or to a new one', async () => {
    const own = await house.account('own1', { panel: password });
    value(await setCredential(house.ctx(panel), own, 'mail', { login: 'own1-mail', password }));
    await bring(`own1,${md5('a')}\nown1-mail,${md5('b')}\nown1-new,${md5('c')}`);
    const ftp = async (login: string) => (await rows(login)).find(({ store }) => store === 'ftp')?.account;
    expect([await ftp('own1'), await ftp('own1-mail'), await ftp('own1-new')]).toEqual([
      'own1',
      'own1',
      'own1-new',
    ]);
  });

  it('a name that belongs to another account is refused by line, also within one file', async () => {
    await house.account('mine');
    await house.account('yours');
    const report = await bring(
      [
        'login,hash,account',
        `mine,${md5('a')},yours`,
        `theirs,${md5('b')},yours`,
        `theirs,${md5('c')},mine`,
        `fresh,${md5('d')},theirs`,
        `late,${md5('e')},lateowner`,
        `lateowner,${md5('f')},late`,
        `mine@virtual,${md5('g')},mine`,
      ].join('\n'),
      { overwrite: true },
    );
    expect(report.refused.map(({ line }) => line)).toEqual([2, 4, 5, 7]);
    expect(new Set(report.refused.map(({ reason }) => reason))).toEqual(
      new Set(['This name belongs to another account.']),
    );
    expect(await rows('theirs')).toMatchObject([{ account: 'yours' }]);
    expect(await rows('mine')).toMatchObject([{ account: 'mine', scheme: 'gatehouse' }]);
  });

  it('a closed account gets nothing', async () => {
    const id = await house.account('shut');
    value(await changeStatus(house.ctx(panel), id, { to: 'closed', reason: 'left' }));
    const report = await bring(`shut,${md5('x')}\n`, { store: 'panel' });
    expect(report).toMatchObject({ created: 0, refused: [{ line: 1, reason: 'The account is closed.' }] });
    expect(await bring(`shut,${md5('x')}\n`, { overwrite: true })).toMatchObject({ overwritten: 0 });
  });

  it('a name that is given away at the same moment is somebody’s, once', async () => {
    for (let round = 0; round < 5; round++) {
      const names = Array.from({ length: 16 }, (_, n) => `race${round}-${n}`);
      const owner = await house.account(`raceowner${round}`, {});
      const file = names.map((name) => `${name},${md5(name)}`).join('\n');
      await Promise.all([
        bring(file),
        bring(file, { store: 'mail' }),
        ...names.map((login) => createAccount(house.ctx(panel), { login })),
        ...names.map((login) => setCredential(house.ctx(panel), owner, 'ssh', { login, password })),
      ]);
      const split = await sql`
        select login from (select login, account_id from credentials union select login, id from accounts) n
         where login = any(${names}) group by login having count(distinct account_id) > 1`;
      expect(split).toEqual([]);
    }
  });

  it('only an admin brings files', async () => {
    const support: Principal = { kind: 'operator', operator: { id: 'opr_s', login: 's', role: 'support' } };
    for (const principal of [panel, support]) {
      const no = await importAccounts(house.ctx(principal), {
        ...{ format: 'csv', store: 'ftp', dryRun: false, overwrite: false, bytes: bytesOf('a,b') },
      });
      expect(no).toMatchObject({ ok: false, refusal: { refused: 'not_allowed' } });
    }
  });
});

describe('a login that is there', () => {
  it('is reported and left as it is', async () => {
    await house.account('there');
    const [before] = await rows('there');
    expect(await bring(`there,${md5('x')}`)).toMatchObject({
      ...{ created: 0, existing: 1, schemes: {} },
      existing_rows: [{ line: 1, login: 'there' }],
    });
    expect((await rows('there'))[0]).toEqual(before);
    expect(await house.guess({ login: 'there' })).toMatchObject({ decision: 'allow' });
  });

  it('is overwritten when asked: a new epoch, its sessions end, its counters and cached verdicts go', async () => {
    await house.account('over');
    const session = opened(await house.guess({ login: 'over', open_session: true }));
    for (let n = 0; n < 12; n++)
      await house.guess({ login: 'over', password: `no${n}`, source_ip: '203.0.113.77' });
    expect(await bring(`over,${md5('from the file')}`, { overwrite: true })).toMatchObject({
      overwritten: 1,
    });
    expect(await house.session(session.id)).toMatchObject({ end_reason: 'credential_changed' });
    expect(await house.guess({ login: 'over' })).toMatchObject({ decision: 'deny' });
    expect(await house.guess({ login: 'over', password: 'from the file' })).toMatchObject({
      decision: 'allow',
    });
    expect((await rows('over'))[0]?.epoch).toBeGreaterThan(1);
  });

  it('overwritten by a locked row it is locked, and by an open one it is open again', async () => {
    await bring(`lockable:${md5('a')}:::::::`, { format: 'shadow' });
    await bring(`lockable:!${md5('a')}:::::::`, { format: 'shadow', overwrite: true });
    expect(await rows('lockable')).toMatchObject([{ locked: true, epoch: 2 }]);
    await bring(`lockable:${md5('a')}:::::::`, { format: 'shadow', overwrite: true });
    expect(await rows('lockable')).toMatchObject([{ locked: false, epoch: 3 }]);
  });
});

describe('an import that broke off', () => {
  const many = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${name}${n},${md5(`${name}${n}`)}`).join('\n');

  /** The file, until so many bytes have gone. */
  async function* broken(text: string, at: number): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const chunk of bytesOf(text, 4096)) {
      yield chunk;
      sent += chunk.length;
      if (sent > at) throw new Error('killed');
    }
  }

  it('goes on where it was, and does no row twice', async () => {
    const file = many('resume', 3500);
    for (const at of [20_000, 90_000]) {
      await expect(attempt(file, { bytes: broken(file, at), overwrite: true, resume: true })).rejects.toThrow(
        'killed',
      );
    }
    const [{ done: half } = { done: 0 }] = await sql<{ done: number }[]>`
      select last_line::int as done from imports where finished_at is null and fingerprint = ${md5(file)}`;
    expect(half).toBeGreaterThan(1000);
    expect(half).toBeLessThan(3500);
    const report = await bring(file, { overwrite: true, resume: true });
    expect(report).toMatchObject({ created: 3500, overwritten: 0, lines: 3500, accounts_created: 3500 });
    const [{ most } = { most: 0 }] = await sql<{ most: number }[]>`
      select max(epoch)::int as most from credentials where login like 'resume%'`;
    expect(most).toBe(1);
    expect(
      (await house.events('credential.set')).filter((event) => event.detail?.import === report.id),
    ).toHaveLength(3500);
  });

  it('16 that go on with one file at once: every row is done once', async () => {
    const file = many('together', 3200);
    await expect(attempt(file, { bytes: broken(file, 60_000), overwrite: true })).rejects.toThrow('killed');
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, () => attempt(file, { overwrite: true, resume: true })),
    );
    expect(outcomes.filter((each) => each.ok)).toHaveLength(1);
    for (const each of outcomes) if (!each.ok) expect(each.refusal.refused).toBe('import_taken');
    const twice = await sql`select login from credentials where login like 'together%' and epoch > 1`;
    expect(twice).toEqual([]);
    expect(await sql`select 1 from credentials where login like 'together%'`).toHaveLength(3200);
  });

  it('another file, another store or another wish is another import', async () => {
    const file = many('other', 2500);
    await expect(attempt(file, { bytes: broken(file, 60_000) })).rejects.toThrow('killed');
    const changed = `${file}\n`;
    const report = await bring(changed, { resume: true });
    expect(report.existing).toBeGreaterThan(0);
    expect(report.created + report.existing).toBe(2500);
    expect(await bring(file, { store: 'mail', resume: true })).toMatchObject({ created: 2500 });
  });

  it('one whose source says why it broke off keeps what was read', async () => {
    async function* limited(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${many('limited', 2000)}\n`);
      throw new BodyBroken({ refused: 'too_large', detail: 'Enough.' });
    }
    expect(await attempt('', { bytes: limited() })).toMatchObject({
      ok: false,
      refusal: { refused: 'too_large', detail: 'Enough. The lines up to 1000 are in.' },
    });
  });
});

describe('the first good login', () => {
  /** One node judges a guess once for all that wait for it; four judge it four times. */
  const nodes = [house, house.node(), house.node(), house.node()];

  beforeAll(async () => {
    const legacy = [
      'des',
      'md5-crypt',
      'sha512-crypt',
      'yescrypt',
      'md5',
      'ssha',
      'argon2id',
      'scrypt',
      'cyberpanel',
    ];
    const vectors = legacy.map((name) => schemeVectors.find(({ scheme }) => scheme === name));
    const lines = vectors.map((each) => `up-${each?.scheme},"${each?.hash}"`);
    await bring(lines.join('\n'));
  });

  test.each([
    'des',
    'md5-crypt',
    'sha512-crypt',
    'yescrypt',
    'md5',
    'ssha',
    'argon2id',
    'scrypt',
    'cyberpanel',
  ])('%s: 16 at once store it anew once, and nobody is logged off', async (scheme) => {
    const login = `up-${scheme}`;
    const right = schemeVectors.find((each) => each.scheme === scheme)?.password ?? ours;
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        (nodes[n % nodes.length] ?? house).guess({ login, password: right, open_session: true }),
      ),
    );
    for (const answer of answers) expect(answer).toMatchObject({ decision: 'allow' });
    const rehashed = (await house.events('credential.rehashed')).filter((e) => e.detail?.login === login);
    expect(rehashed).toHaveLength(1);
    expect(await rows(login)).toMatchObject([{ scheme: 'gatehouse', epoch: 1 }]);
    expect(
      await house.session(opened(answers[0] ?? { decision: 'throttled', retry_after_seconds: 1 }).id),
    ).toMatchObject({
      ended_at: null,
    });
  });

  it('a password that is changed meanwhile wins, 20 rounds of 16 logins', async () => {
    for (let round = 0; round < 20; round++) {
      const login = `change${round}`;
      await bring(`${login},${md5('legacy')}`);
      const [account] = await sql<{ id: string }[]>`select id from accounts where login = ${login}`;
      const change = () => setCredential(house.ctx(panel), account?.id ?? '', 'ftp', { password });
      const guesses = Array.from({ length: 16 }, (_, n) =>
        (nodes[n % nodes.length] ?? house).guess({ login, password: 'legacy' }),
      );
      const [changed] = await Promise.all([change(), ...guesses]);
      value(changed);
      expect(await house.guess({ login, password: 'legacy' })).toMatchObject({ decision: 'deny' });
      expect(await house.guess({ login })).toMatchObject({ decision: 'allow' });
    }
  });
});
