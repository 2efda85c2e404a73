/**
 * Promise 3: every path that changes a secret, a factor or a status ends what the old one opened: sessions on every
 * door, verdicts kept by other nodes, logins half done. A route that is not on this page fails the suite.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/actions/authenticate.ts';
import { openHostSession } from '../../src/actions/open-host-session.ts';
import { redeemChallenge } from '../../src/actions/redeem-challenge.ts';
import { routes } from '../../src/http/routes/index.ts';
import { openRequest } from '../../src/protocol/agent.ts';
import { authenticateRequest } from '../../src/protocol/api.ts';
import { softAuthenticator } from '../support/authenticator.ts';
import { type Customer, enrolTotp, generatorOf, settledCustomer } from '../support/customer.ts';
import type { Generator } from '../support/factors.ts';
import { agentOf, fitTestHouse, home, panel, password, type TestNode, value } from '../support/house.ts';
import { addressOf, mailsOf } from '../support/mails.ts';

const house = await fitTestHouse({ pool: 20 });
const other = house.node();
const staff = await house.operator('admin');
const panelKey = await house.client(['authenticate']);
afterAll(house.close);

const host = 'h1';
const boot = '6d1f8b8e-3c1a-4b57-9d6b-0f1f6a3c2b11';
const office = '203.0.113.20';
let pid = 1000;

/** What is open before the change; each ends, or does not. */
const doors = ['mine', 'panel', 'half', 'code', 'app', 'grant', 'key'] as const;
type Door = (typeof doors)[number];

interface Life extends Customer {
  readonly generator: Generator;
  readonly recoveryCodes: string[];
  readonly appPassword: { readonly id: string; readonly secret: string };
  readonly grantId: string;
  readonly keyId: string;
  readonly passkeyId: string;
  readonly sessions: Readonly<Record<Exclude<Door, 'half' | 'mine'>, string>>;
  readonly challengeId: string;
}

const made = (said: { status: number; body: Record<string, unknown> }) => {
  if (said.status >= 300) throw new Error(`${said.status} ${JSON.stringify(said.body)}`);
  return said.body;
};

function sshKeyLine(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return `ssh-ed25519 ${Buffer.concat([part(Buffer.from('ssh-ed25519')), part(raw)]).toString('base64')} key`;
}

/** A session in a process of the host, opened as its agent does after a login. */
async function hostSession(me: Customer, more: Record<string, unknown>): Promise<string> {
  pid += 1;
  const asked = openRequest.parse({
    ...{ host, login: me.login, source_ip: home, method: 'password' },
    ...{ store: 'ftp', channel: 'ftp', process: { pid, start: '1', boot_id: boot } },
    ...more,
  });
  const answer = value(await openHostSession(house.ctx(agentOf(host)), asked));
  if (answer.decision !== 'allow') throw new Error(`no session: ${JSON.stringify(answer)}`);
  return answer.session.id;
}

async function verified(login: string, more: Record<string, unknown>) {
  const answer = await house.guess({ login, open_session: false, ...more });
  if (answer.decision !== 'allow') throw new Error(`not let in: ${JSON.stringify(answer)}`);
  return answer.verified;
}

/** A customer with everything that there is, and all of it open. */
async function life(): Promise<Life> {
  const me = await settledCustomer(house);
  const { generator, recoveryCodes } = await enrolTotp(house, me);
  const ceremony = made(await me.ask('POST', '/v1/me/passkeys/options'));
  const registration = softAuthenticator('http://localhost:8080').create(ceremony.options as never);
  const passkey = made(
    await me.ask('POST', '/v1/me/passkeys', {
      ...{ challenge_id: ceremony.challenge_id, response: registration, label: 'key' },
    }),
  ).passkey as { id: string };
  const app = made(await me.ask('POST', '/v1/me/app-passwords', { store: 'ftp', label: 'mirror' }));
  const grant = made(await me.ask('POST', '/v1/me/grants', { store: 'ftp', source_ip: office, hours: 8 }));
  const key = made(await me.ask('POST', '/v1/me/ssh-keys', { key: sshKeyLine() }));
  const login = me.login;
  const half = async () => {
    const answer = await house.guess({ store: 'panel', login });
    if (answer.decision !== 'challenge') throw new Error('no challenge');
    return answer.challenge.id;
  };
  house.pass(30_000);
  const panelSession = await me.open({ otp: generator.code() });
  house.pass(30_000);
  const bySsh = { store: 'ssh', channel: 'ssh' };
  const sessions = {
    panel: panelSession.id,
    code: await hostSession(me, {
      ...bySsh,
      verified: await verified(login, { ...bySsh, otp: generator.code() }),
    }),
    app: await hostSession(me, { verified: await verified(login, { password: app.password }) }),
    grant: await hostSession(me, {
      source_ip: office,
      verified: await verified(login, { source_ip: office }),
    }),
    key: await hostSession(me, { ...bySsh, method: 'publickey', ssh_key: key.fingerprint }),
  };
  house.pass(30_000);
  return Object.assign(me, {
    ...{ generator, recoveryCodes, sessions },
    appPassword: { id: String(app.id), secret: String(app.password) },
    ...{ grantId: String(grant.id), keyId: String(key.id), passkeyId: passkey.id },
    challengeId: await half(),
  });
}

/** What still opens a door, asked of a node that did not make the change. */
async function stillOpen(me: Life, node: TestNode, mine: string): Promise<Door[]> {
  const own = await node.request('GET', '/v1/session', { token: mine });
  const live = await Promise.all(
    Object.entries(me.sessions).map(async ([door, id]): Promise<Door[]> => {
      const row = await house.session(id);
      if (row.ended_at === null) return [door as Door];
      if (row.door_state !== null) expect(row.door_state).toBe('pending');
      return [];
    }),
  );
  const redeemed = value(
    await redeemChallenge(node.ctx(panel), {
      ...{ challenge_id: me.challengeId, kind: 'totp', code: me.generator.code() },
    }),
  );
  return doors.filter(
    (door) =>
      (door === 'mine' && own.status === 200) ||
      (door === 'half' && redeemed.decision === 'allow') ||
      live.flat().includes(door),
  );
}

/** What opened FTP before, shown again to a node that had just verified it. */
const oldSecrets = {
  app: (me: Life) => guessThere({ login: me.login, password: me.appPassword.secret }),
  password: (me: Life) => guessThere({ login: me.login, source_ip: office }),
};
type OldSecret = keyof typeof oldSecrets;

async function guessThere(input: Record<string, unknown>): Promise<string> {
  const asked = authenticateRequest.parse({
    ...{ store: 'ftp', password, source_ip: home, open_session: false },
    ...input,
  });
  return value(await authenticate(other.ctx(panel), asked)).decision;
}

interface Change {
  /** The routes that it goes through. */
  readonly routes: readonly string[];
  readonly what: string;
  readonly change: (me: Life) => Promise<unknown>;
  readonly leaves: readonly Door[];
  /** Old secrets of FTP that open nothing any more. */
  readonly refuses?: readonly OldSecret[];
}

const all: readonly Door[] = doors;
const without = (...gone: Door[]) => all.filter((door) => !gone.includes(door));
const next = `${password} anew`;
const byStaff = (me: Life, method: string, path: string, body?: unknown) =>
  me.ask(method, `/v1/accounts/${me.id}${path}`, body, staff.token).then(made);
const own = (me: Life, method: string, path: string, body?: unknown) => me.ask(method, path, body).then(made);
/** Shows the factor again: nothing that weakens an account is done without. */
const fresh = async (me: Life) => {
  house.pass(30_000);
  made(await me.prove({ code: me.generator.code() }));
};
const sql = (text: string) => (me: Life) => house.database.sql.unsafe(text, [me.id]);

const changes: readonly Change[] = [
  {
    routes: ['PUT /v1/accounts/{id}/credentials/{store}'],
    what: 'the staff sets the password of the panel',
    change: (me) => byStaff(me, 'PUT', '/credentials/panel', { password: next }),
    leaves: without('mine', 'panel', 'half'),
  },
  {
    routes: ['PUT /v1/accounts/{id}/credentials/{store}'],
    what: 'the staff sets the password of FTP',
    change: (me) => byStaff(me, 'PUT', '/credentials/ftp', { password: next }),
    leaves: without('app', 'grant'),
    refuses: ['password'],
  },
  {
    routes: ['PUT /v1/accounts/{id}/credentials/{store}'],
    what: 'the staff sets the password of SSH',
    change: (me) => byStaff(me, 'PUT', '/credentials/ssh', { password: next }),
    leaves: without('code'),
  },
  {
    routes: ['DELETE /v1/accounts/{id}/credentials/{store}/{login}'],
    what: 'the FTP login is deleted',
    change: (me) => byStaff(me, 'DELETE', `/credentials/ftp/${me.login}`),
    leaves: without('app', 'grant'),
    refuses: ['app', 'password'],
  },
  {
    routes: ['DELETE /v1/accounts/{id}/credentials/{store}/{login}'],
    what: 'the SSH login is deleted',
    change: (me) => byStaff(me, 'DELETE', `/credentials/ssh/${me.login}`),
    leaves: without('code', 'key'),
  },
  {
    routes: ['POST /v1/accounts/{id}/suspend'],
    what: 'the account is suspended',
    change: (me) => byStaff(me, 'POST', '/suspend', { reason: 'unpaid', level: 'all' }),
    leaves: [],
    refuses: ['app', 'password'],
  },
  {
    routes: ['POST /v1/accounts/{id}/suspend'],
    what: 'new logins are suspended',
    change: (me) => byStaff(me, 'POST', '/suspend', { reason: 'unpaid', level: 'logins' }),
    leaves: without('half'),
    refuses: ['app', 'password'],
  },
  {
    routes: ['POST /v1/accounts/{id}/suspend', 'POST /v1/accounts/{id}/resume'],
    what: 'the account is suspended and opened again',
    change: async (me) => {
      await byStaff(me, 'POST', '/suspend', { reason: 'unpaid', level: 'all' });
      await byStaff(me, 'POST', '/resume');
    },
    leaves: [],
  },
  {
    routes: ['POST /v1/accounts/{id}/close'],
    what: 'the account is closed',
    change: (me) => byStaff(me, 'POST', '/close', { reason: 'gone' }),
    leaves: [],
    refuses: ['app', 'password'],
  },
  {
    routes: ['POST /v1/me/totp', 'POST /v1/me/totp/confirm'],
    what: 'the generator is replaced',
    change: async (me) => {
      await fresh(me);
      const offer = await own(me, 'POST', '/v1/me/totp');
      const code = generatorOf(house, String(offer.secret)).code();
      await own(me, 'POST', '/v1/me/totp/confirm', { code });
    },
    leaves: ['mine'],
  },
  {
    routes: ['DELETE /v1/me/totp'],
    what: 'the generator is taken away',
    change: async (me) => {
      await fresh(me);
      await own(me, 'DELETE', '/v1/me/totp');
    },
    leaves: ['mine'],
  },
  {
    routes: ['POST /v1/me/recovery-codes'],
    what: 'the recovery codes are made anew',
    change: async (me) => {
      await fresh(me);
      await own(me, 'POST', '/v1/me/recovery-codes');
    },
    leaves: ['mine'],
  },
  {
    routes: ['POST /v1/me/passkeys'],
    what: 'another passkey is registered',
    change: async (me) => {
      await fresh(me);
      const ceremony = await own(me, 'POST', '/v1/me/passkeys/options');
      const response = softAuthenticator('http://localhost:8080').create(ceremony.options as never);
      const { challenge_id } = ceremony;
      await own(me, 'POST', '/v1/me/passkeys', { challenge_id, response, label: 'another' });
    },
    leaves: ['mine'],
  },
  {
    routes: ['DELETE /v1/me/passkeys/{id}'],
    what: 'a passkey is taken away',
    change: async (me) => {
      await fresh(me);
      await own(me, 'DELETE', `/v1/me/passkeys/${me.passkeyId}`);
    },
    leaves: ['mine'],
  },
  {
    routes: ['POST /v1/accounts/{id}/factors/remove'],
    what: 'the staff removes the second factors',
    change: (me) => byStaff(me, 'POST', '/factors/remove', { reason: 'lost the phone, seen in person' }),
    leaves: [],
  },
  {
    routes: ['DELETE /v1/me/app-passwords/{id}'],
    what: 'an app password is revoked',
    change: (me) => own(me, 'DELETE', `/v1/me/app-passwords/${me.appPassword.id}`),
    leaves: without('app'),
    refuses: ['app'],
  },
  {
    routes: ['DELETE /v1/me/grants/{id}'],
    what: 'a grant is taken back',
    change: (me) => own(me, 'DELETE', `/v1/me/grants/${me.grantId}`),
    leaves: without('grant'),
    refuses: ['password'],
  },
  {
    routes: ['DELETE /v1/me/ssh-keys/{id}'],
    what: 'a key is revoked by its owner',
    change: (me) => own(me, 'DELETE', `/v1/me/ssh-keys/${me.keyId}`),
    leaves: without('key'),
  },
  {
    routes: ['DELETE /v1/accounts/{id}/ssh-keys/{key}'],
    what: 'a key is revoked by the staff',
    change: (me) => byStaff(me, 'DELETE', `/ssh-keys/${me.keyId}`),
    leaves: without('key'),
  },
  {
    routes: ['POST /v1/imports'],
    what: 'an import overwrites the FTP login',
    change: async (me) => {
      const row = { login: me.login, hash: '$1$q/AViZ9n$vxRgvboGbYXsuiQSl2HCR.' };
      const answer = await house.request('POST', '/v1/imports?store=ftp&overwrite=true', {
        token: staff.token,
        body: JSON.stringify(row),
        headers: { 'content-type': 'application/x-ndjson' },
      });
      expect(await answer.json()).toMatchObject({ overwritten: 1 });
    },
    leaves: without('app', 'grant'),
    refuses: ['password'],
  },
  {
    routes: ['POST /v1/me/password'],
    what: 'the owner changes the password and stays here',
    change: async (me) => {
      await fresh(me);
      const change = { current_password: password, new_password: next, keep_this_session: true };
      await own(me, 'POST', '/v1/me/password', change);
    },
    leaves: without('panel', 'half'),
  },
  {
    routes: ['POST /v1/me/password'],
    what: 'the owner changes the password and leaves',
    change: async (me) => {
      await fresh(me);
      await own(me, 'POST', '/v1/me/password', { current_password: password, new_password: next });
    },
    leaves: without('mine', 'panel', 'half'),
  },
  {
    routes: ['POST /v1/password-resets', 'POST /v1/password-resets/confirm'],
    what: 'the password is reset by mail',
    change: async (me) => {
      const token = await mailed(me);
      const confirm = { token, new_password: next };
      made(await me.ask('POST', '/v1/password-resets/confirm', confirm, panelKey.token));
    },
    leaves: [],
  },
  {
    routes: ['POST /v1/password-resets/deny', 'POST /v1/account-security'],
    what: 'the owner says of a reset that it was not him, and ends everything',
    change: async (me) => {
      const token = await mailed(me);
      const denied = made(await me.ask('POST', '/v1/password-resets/deny', { token }, panelKey.token));
      const said = { token: denied.secure_token };
      made(await me.ask('POST', '/v1/account-security', said, panelKey.token));
    },
    leaves: [],
    refuses: ['app', 'password'],
  },
  // What no route does: a migration, another program, a hand at the console.
  {
    routes: [],
    what: 'plain SQL changes the hashes',
    change: sql(`update credentials set hash = hash || 'x' where account_id = $1`),
    leaves: ['key'],
    refuses: ['password'],
  },
  {
    routes: [],
    what: 'plain SQL locks the logins',
    change: sql('update credentials set locked_at = now() where account_id = $1'),
    leaves: ['key'],
    refuses: ['app', 'password'],
  },
  {
    routes: [],
    what: 'plain SQL deletes the generator',
    change: sql('delete from totp where account_id = $1'),
    leaves: [],
  },
  {
    routes: [],
    what: 'plain SQL gives the account another generator',
    change: sql(`update totp set sealed_secret = sealed_secret || 'x'::bytea where account_id = $1`),
    leaves: [],
  },
  {
    routes: [],
    what: 'plain SQL makes spent codes good again',
    change: sql('update totp set last_step = -1 where account_id = $1'),
    leaves: [],
  },
  {
    routes: [],
    what: 'plain SQL deletes the recovery codes',
    change: sql('delete from recovery_codes where account_id = $1'),
    leaves: [],
  },
  {
    routes: [],
    what: 'plain SQL deletes the passkeys',
    change: sql('delete from passkeys where account_id = $1'),
    leaves: [],
  },
  {
    routes: [],
    what: 'plain SQL deletes app passwords, grants and keys',
    change: async (me) => {
      for (const table of ['app_passwords', 'grants', 'ssh_keys']) {
        await sql(`delete from ${table} where account_id = $1`)(me);
      }
    },
    leaves: without('app', 'grant', 'key'),
    refuses: ['app', 'password'],
  },
  {
    routes: [],
    what: 'plain SQL suspends the account',
    change: sql(`update accounts set status = 'suspended', suspend_level = 'all' where id = $1`),
    leaves: [],
    refuses: ['app', 'password'],
  },
];

/** The token of the newest reset in the owner's mailbox. */
async function mailed(me: Life): Promise<string> {
  await addressOf(house, me.id, `${me.login}@example.net`);
  made(await me.ask('POST', '/v1/password-resets', { login: me.login }, panelKey.token));
  return (await mailsOf(house)).at(-1)?.token ?? '';
}

/** Routes that change something, and no secret, factor or status that anything was opened with. */
const opensNothing: readonly string[] = [
  'POST /v1/authenticate',
  'POST /v1/authenticate/challenge',
  'POST /v1/authenticate/passkey/options',
  'POST /v1/sessions/end',
  'DELETE /v1/session',
  'DELETE /v1/me/sessions/{id}',
  'POST /v1/me/sessions/end',
  'POST /v1/me/reauthenticate',
  'POST /v1/me/reauthenticate/passkey/options',
  'POST /v1/me/passkeys/options',
  'POST /v1/me/password/check',
  // A new address gets the next reset; what is open stays its owner's, who is told at the old one.
  'PUT /v1/me/email',
  'POST /v1/email-confirmations',
  'PATCH /v1/me/passkeys/{id}',
  'POST /v1/me/app-passwords',
  'POST /v1/me/grants',
  'POST /v1/me/ssh-keys',
  'POST /v1/accounts/{id}/ssh-keys',
  'POST /v1/accounts',
  'POST /v1/accounts/{id}/explain',
  'PATCH /v1/policy',
  'POST /v1/me/reports',
  // A dismissal lets in again whom a pattern held back; who may has a test of its own.
  'POST /v1/flags/{id}/resolve',
  // What is told to a subscriber opens nothing here; who may subscribe has a test of its own.
  'POST /v1/webhooks',
  'PATCH /v1/webhooks/{id}',
  'DELETE /v1/webhooks/{id}',
  'POST /v1/webhooks/{id}/test',
  'POST /v1/webhooks/{id}/deliveries/{event_id}/replay',
  'POST /v1/webhooks/{id}/replay',
  // Judged, or announced: nothing of an account is opened by either.
  'POST /v1/messages/scan',
  'POST /v1/contacts',
  'POST /v1/agent/hello',
  'POST /v1/agent/door',
  'POST /v1/agent/account',
  'POST /v1/agent/factor',
  'POST /v1/agent/ssh-keys',
  'POST /v1/agent/sessions',
  'POST /v1/agent/reports',
];

it('every route that changes something is on this page', () => {
  const known = new Set([...opensNothing, ...changes.flatMap((change) => change.routes)]);
  const there = routes
    .filter((route) => route.method !== 'get')
    .map((route) => `${route.method.toUpperCase()} ${route.path}`);
  expect(there.filter((route) => !known.has(route))).toEqual([]);
  expect([...known].filter((route) => !there.includes(route))).toEqual([]);
});

describe('on a node that did not make the change', () => {
  it('everything is open as long as nothing was changed', async () => {
    const me = await life();
    expect(await stillOpen(me, other, me.token)).toEqual(all);
  });

  it.each(changes)('$what: what the old one opened is over', async ({ change, leaves }) => {
    const me = await life();
    await change(me);
    expect(await stillOpen(me, other, me.token)).toEqual(leaves);
  });
});

describe('a node that had verified the old secret a moment ago', () => {
  it.each(changes.filter(({ refuses }) => refuses !== undefined))('$what: refuses it', async (change) => {
    const me = await life();
    for (const shown of Object.values(oldSecrets)) expect(await shown(me)).toBe('allow');
    await change.change(me);
    for (const [name, shown] of Object.entries(oldSecrets)) {
      expect(await shown(me)).toBe(change.refuses?.includes(name as OldSecret) ? 'deny' : 'allow');
    }
  });
});

it('a session that was renewed is dead under its old token, on every node', async () => {
  const me = await life();
  const old = me.token;
  await fresh(me);
  expect((await other.request('GET', '/v1/session', { token: old })).status).toBe(401);
  expect((await other.request('GET', '/v1/session', { token: me.token })).status).toBe(200);
});
