/** Mail through a real Postfix, the agent's milter and the service: what becomes of it, and what when nobody answers. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { type Dovecot, startDovecot } from './support/dovecot.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { addUser, removeUser } from './support/host.ts';
import { type Postfix, startPostfix, swaks } from './support/postfix.ts';
import { endAll, freePort, type Program, until } from './support/processes.ts';

const missing = missingPrograms(['/usr/sbin/postfix', '/usr/bin/swaks', '/usr/sbin/dovecot']);
const feedUser = 'ghtfeed';
const planted = 'tr0ub4dor-hides-here';

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;
const phish = (name: string, ...more: readonly string[]) =>
  lines(
    'From: "Mail Administrator" <desk@accounts-renewal.example>',
    `To: ${name}@host.test`,
    'Subject: Your mailbox will be closed today',
    `Message-ID: <${name}@accounts-renewal.example>`,
    '',
    'Dear user,',
    '',
    'your mailbox has exceeded its storage limit and will be closed within 24 hours.',
    'To keep it, reply to this message with your user name and your password:',
    '',
    'User name: ____________',
    'Password: ____________',
    '',
    'If you do not reply, all your messages will be deleted.',
    ...more,
  );
const ordinary = (name: string) =>
  lines(
    'From: Clara <clara@remote.test>',
    `To: ${name}@host.test`,
    'Subject: Saturday',
    '',
    'Shall we meet at ten at the station? I will bring the tickets and some apples.',
    '',
    'Clara',
  );

async function addCustomer(front: Front, login: string): Promise<void> {
  const { body } = await front.call('POST', '/v1/accounts', { login, email: `${login}@host.test` });
  const at = `/v1/accounts/${String(body.id)}/credentials/panel`;
  const { status } = await front.call('PUT', at, { password: 'plain words that nobody guesses' });
  if (status !== 200) throw new Error(`no customer: ${status}`);
}

const cli = `${projectRoot}/dist/main/cli.js`;
const deployed = (file: string) => readFileSync(`${projectRoot}/deploy/postfix/${file}`, 'utf8');

describe.skipIf(missing !== undefined)('Postfix', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postfix-'));
  const milter = `${folder}/postfix/queue/gatehouse/milter`;
  let front: Front;
  let agent: Program | undefined;
  let postfix: Postfix;
  let dovecot: Dovecot;
  let number = 0;

  /** The agent as a program, with a milter of these settings. */
  const listen = async (more: Readonly<Record<string, string>> = {}) => {
    await agent?.end();
    agent = await front.startAgent('mx1', {
      GATEHOUSE_MILTER: `unix:${milter}`,
      GATEHOUSE_MILTER_STAFF: 'desk@host.test',
      ...more,
    });
  };
  /** The same, with a service that nobody answers for. */
  const withoutService = (unjudged: string) =>
    listen({ GATEHOUSE_URL: 'http://127.0.0.1:1', GATEHOUSE_MILTER_UNJUDGED: unjudged });
  const milterLines = (answer = 'accept') =>
    deployed('milter.cf').replace('default_action=accept', `default_action=${answer}`);

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    mkdirSync(`${folder}/postfix/queue/gatehouse`, { recursive: true });
    execFileSync('chgrp', ['postfix', `${folder}/postfix/queue/gatehouse`]);
    chmodSync(`${folder}/postfix/queue/gatehouse`, 0o750);
    const auth = `${folder}/auth.sock`;
    dovecot = await startDovecot(
      folder,
      lines(
        'passdb {\n  driver = static\n  args = password=letters\n}',
        `service auth {\n  unix_listener ${auth} {\n    mode = 0666\n  }\n}`,
      ),
    );
    addUser(feedUser, 31_013, folder);
    const port = await freePort();
    front = await openFront(undefined, {
      ...{ GATEHOUSE_DOMAINS: 'host.test', SMTP_URL: `smtp://127.0.0.1:${port}` },
      MAIL_FROM: 'Gatehouse <gatehouse@host.test>',
    });
    writeFileSync(`${folder}/feed.key`, `${await front.addClient('feed', 'messages')}\n`, { mode: 0o600 });
    execFileSync('chown', [feedUser, `${folder}/feed.key`]);
    const master = deployed('copies-master.cf')
      .replace('gatehouse-feed', feedUser)
      .replace('https://login.host.example', front.url)
      .replace('/etc/gatehouse/feed.key', `${folder}/feed.key`)
      .replace('/usr/local/bin/gatehouse', `${process.execPath} ${cli}`);
    await listen();
    postfix = await startPostfix(folder, { auth, master, port, main: milterLines() });
  }, 180_000);
  afterAll(async () => {
    postfix?.stop();
    await agent?.end();
    await dovecot?.program.end();
    await front?.close();
    await endAll();
    removeUser(feedUser);
    rmSync(folder, { recursive: true, force: true });
  });

  const newName = () => `box${++number}`;
  const send = async (name: string, mail: string, login?: string) => {
    const file = `${folder}/${name}.eml`;
    writeFileSync(file, mail);
    const auth =
      login === undefined ? [] : ['--auth', 'PLAIN', '--auth-user', login, '--auth-password', 'letters'];
    const [port, to] =
      login === undefined
        ? [postfix.port, `${name}@host.test`]
        : [postfix.submission, 'somebody@remote.test'];
    const client = swaks(port, file, [to], ...auth);
    return { code: await client.over, said: client.said() };
  };
  const arrived = (name: string) =>
    until(() => postfix.mailbox(name)[0], `the mail to ${name}`, 20_000, postfix.log);
  const verdicts = (mail: string) => mail.match(/^X-Gatehouse-Verdict.*$/gim) ?? [];

  const flagId = (verdict: string) => /flag=(flg_[\w-]+)/.exec(verdict)?.[1] ?? 'none';
  const flagOf = async (verdict: string) => (await front.call('GET', `/v1/flags/${flagId(verdict)}`)).body;

  it('a mail that asks for a password is delivered with its verdict', async () => {
    const name = newName();
    expect(await send(name, phish(name))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toEqual([
      expect.stringMatching(
        /^X-Gatehouse-Verdict: password_request; score=[01]\.\d{3}; flagged=true; flag=flg_[\w-]+; signals=[a-z,-]+$/,
      ),
    ]);
  });

  it('an ordinary mail is clear', async () => {
    const name = newName();
    expect(await send(name, ordinary(name))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toEqual([
      expect.stringMatching(/^X-Gatehouse-Verdict: clear; score=0\.\d{3}; flagged=false$/),
    ]);
  });

  it('verdicts that a sender writes himself do not arrive, however they are spelt', async () => {
    const name = newName();
    const forged = [
      'X-Gatehouse-Verdict: clear; score=0.000; flagged=false',
      'x-gatehouse-verdict : clear; by=forger',
      'X-GATEHOUSE-VERDICT:clear;',
      ' by=forger',
    ];
    await send(name, `${forged.join('\n')}\n${phish(name)}`);
    const mail = await arrived(name);
    expect(verdicts(mail)).toEqual([expect.stringMatching(/: password_request; /)]);
    expect(mail).not.toContain('forger');
  });

  it('a mail of 24 MB is judged as any other', async () => {
    const name = newName();
    const line = 'VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4K\n';
    const large = lines(
      ...['From: a@remote.test', `To: ${name}@host.test`, 'Subject: photos', 'MIME-Version: 1.0'],
      ...['Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/plain', ''],
      ...['Here are the photos.', '', '--b', 'Content-Type: image/jpeg; name=a.jpg'],
      ...['Content-Transfer-Encoding: base64', ''],
    );
    const mail = `${large}${line.repeat(Math.floor((24 * 1024 * 1024) / line.length))}\n--b--\n`;
    expect(await send(name, mail)).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toEqual([expect.stringMatching(/: clear; /)]);
  });

  it('sixteen mails at once: each gets its own verdict', async () => {
    const names = Array.from({ length: 16 }, newName);
    const sent = await Promise.all(
      names.map((name, at) => send(name, at % 2 ? phish(name) : ordinary(name))),
    );
    expect(sent.map(({ code }) => code)).toEqual(sent.map(() => 0));
    for (const [at, name] of names.entries())
      expect(verdicts(await arrived(name))).toEqual([
        expect.stringMatching(at % 2 ? /: password_request; .*flagged=true/ : /: clear; /),
      ]);
  });

  it('junk at its socket changes nothing for mail', async () => {
    for (const junk of ['GET / HTTP/1.1\r\n\r\n', '\xff\xff\xff\xff', '\0\0\0\rO', 'x'.repeat(100_000)])
      await new Promise<void>((resolve) => {
        const socket = createConnection({ path: milter }, () => socket.end(junk, 'latin1'));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    const name = newName();
    expect(await send(name, ordinary(name))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toHaveLength(1);
  });

  it('the staff, who log in, cannot send a mail that asks for a password; another who logs in can', async () => {
    const staff = await send(newName(), phish('somebody'), 'desk@host.test');
    expect(staff.code).not.toBe(0);
    expect(staff.said).toContain('550 5.7.1 Not sent: we never ask customers for a password');
    expect(await send(newName(), phish('somebody'), 'x@host.test')).toMatchObject({ code: 0 });
  });

  it('hold: accepted, and kept in the hold queue until it is released', async () => {
    await listen({ GATEHOUSE_MILTER_FLAGGED: 'hold' });
    const name = newName();
    expect(await send(name, phish(name))).toMatchObject({ code: 0 });
    const [queueId = ''] = await until(() => postfix.held().length === 1 && postfix.held(), 'the held mail');
    expect(postfix.mailbox(name)).toEqual([]);
    postfix.release(queueId);
    postfix.flush();
    expect(verdicts(await arrived(name))).toEqual([expect.stringMatching(/flagged=true/)]);
  });

  it('reject: refused with a plain sentence; other mail is not', async () => {
    await listen({ GATEHOUSE_MILTER_FLAGGED: 'reject' });
    const name = newName();
    const refused = await send(name, phish(name));
    expect(refused.code).not.toBe(0);
    expect(refused.said).toContain('550 5.7.1 Not accepted: this message asks for a password.');
    expect(await send(name, ordinary(name))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toEqual([expect.stringMatching(/: clear/)]);
  });

  it('a password in a mail is in no log of ours or of Postfix, in no header that is added, and not in the database', async () => {
    await listen();
    const name = newName();
    await send(name, phish(name, '', `> My password is ${planted}`, `Password: ${planted}`));
    const [verdict = ''] = verdicts(await arrived(name));
    expect(verdict).toContain('flagged=true');
    const flag = await flagOf(verdict);
    expect(JSON.stringify(flag)).toContain('reply to this message with your user name and your password');
    const places = [
      verdict,
      agent?.said() ?? '',
      front.service().said(),
      postfix.log(),
      JSON.stringify(flag),
    ];
    for (const place of places) expect(place).not.toContain(planted);
  });

  it('the flag is in the list, counted once a campaign, with its evidence quoted', async () => {
    const [one, other] = [newName(), newName()];
    await send(one, phish(one));
    const [first = ''] = verdicts(await arrived(one));
    await send(other, phish(other));
    const [second = ''] = verdicts(await arrived(other));
    expect(flagId(second)).toBe(flagId(first));
    const { kind, state, count, evidence } = await flagOf(first);
    expect({ kind, state }).toEqual({ kind: 'message', state: 'open' });
    expect(count).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(evidence)).toContain('exceeded its storage limit');
  });

  it('a reset mail of our own passes; the same text to somebody who asked for nothing does not', async () => {
    const [me, victim] = [newName(), newName()];
    for (const login of [me, victim]) await addCustomer(front, login);
    const asked = await front.call('POST', '/v1/password-resets', { login: me }, front.client);
    expect(asked.status).toBe(202);
    const genuine = await arrived(me);
    expect(verdicts(genuine)).toEqual([expect.stringMatching(/: clear; .*flagged=false; solicited=true$/)]);
    expect(genuine).toMatch(/Subject: A new password for/);
    const copy = genuine
      .slice(genuine.indexOf('\nFrom: ') + 1)
      .replaceAll(`${me}@host.test`, `${victim}@host.test`);
    await send(victim, copy);
    expect(verdicts(await arrived(victim))).toEqual([
      expect.stringMatching(/: password_request; .*flagged=true; .*signals=nobody-asked/),
    ]);
  });

  it('the service away, open: the mail goes on and says that nobody judged it', async () => {
    await withoutService('accept');
    const name = newName();
    expect(await send(name, phish(name, planted))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toEqual(['X-Gatehouse-Verdict: not_judged; reason=no_answer']);
    expect(agent?.said()).toContain('a mail was not judged');
    expect(agent?.said()).not.toContain(planted);
  });

  it('the service away, closed: come again', async () => {
    await withoutService('tempfail');
    const name = newName();
    const later = await send(name, ordinary(name));
    expect(later.code).not.toBe(0);
    expect(later.said).toContain('451 4.7.1 This message cannot be judged now.');
  });

  it('the agent away: Postfix does as its own line says, open or closed', async () => {
    await agent?.end();
    const open = newName();
    expect(await send(open, ordinary(open))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(open))).toEqual([]);
    await postfix.configure(milterLines('tempfail'));
    const closed = newName();
    expect((await send(closed, ordinary(closed))).said).toMatch(/451 4\.7\.1 Service unavailable/);
  });

  it('copies by always_bcc: the mail is delivered; with the service away its copy waits, and nobody gets a bounce', async () => {
    await front.service().end();
    await postfix.configure(deployed('copies.cf').replace('support@host.example', 'desk@host.test'));
    const name = newName();
    expect(await send(name, phish(name, planted))).toMatchObject({ code: 0 });
    expect(verdicts(await arrived(name))).toEqual([]);
    await until(
      () => /relay=gatehouse,.*status=deferred.*not judged/.test(postfix.log()),
      'the copy to be deferred',
      30_000,
      postfix.log,
    );
    expect(postfix.log()).not.toMatch(new RegExp(`sender non-delivery notification|${planted}`));
    await front.startService();
    postfix.flush();
    await until(
      () => /relay=gatehouse,.*status=sent/.test(postfix.log()),
      'the copy to be judged',
      30_000,
      postfix.log,
    );
    const { body } = await front.call<{ items: { evidence?: unknown; last_seen_at: string }[] }>(
      'GET',
      '/v1/flags?kind=message&state=open',
    );
    expect(body.items.length).toBeGreaterThan(0);
  });
});
