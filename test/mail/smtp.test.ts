import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mailFiles } from '../../src/mail/files.ts';
import { type Mail, MailRefused } from '../../src/mail/mail-room.ts';
import { mailOverSmtp } from '../../src/mail/smtp.ts';
import { smtpServer } from '../support/smtp.ts';

const from = 'Gatehouse <gatehouse@host.test>';
const link = `https://login.host.test/reset?token=${'x'.repeat(43)}`;
const mail = (more: Partial<Mail> = {}): Mail => ({
  id: 'mai_1',
  to: 'alice@example.net',
  subject: 'A new password for alice',
  text: `Hello.\n\n${link}\n`,
  at: new Date(Date.UTC(2026, 0, 5, 12)),
  ...more,
});

const server = await smtpServer();
const local = { host: '127.0.0.1', tlsAtOnce: false, loopback: true, login: undefined };
const room = mailOverSmtp({ ...local, port: server.port }, from);
afterAll(async () => {
  room.close();
  await server.close();
});

test('a mail arrives whole, marked as a machine’s, its link on one line', async () => {
  await room.send(mail());
  const got = server.received.at(-1);
  expect(got).toMatchObject({ from: 'gatehouse@host.test', to: ['alice@example.net'] });
  const [head = '', body = ''] =
    got?.raw.split('\r\n\r\n', 1).concat(got.raw.split('\r\n\r\n').slice(1).join('\r\n\r\n')) ?? [];
  expect(head).toMatch(/^From: Gatehouse <gatehouse@host\.test>$/m);
  expect(head).toMatch(/^To: alice@example\.net$/m);
  expect(head).toMatch(/^Subject: A new password for alice$/m);
  expect(head).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(head).toMatch(/^Message-ID: <mai_1@host\.test>$/m);
  expect(head).toMatch(/^Date: Mon, 05 Jan 2026 12:00:00 \+0000$/m);
  expect(head).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
  expect(body.split('\r\n')).toContain(link);
});

test('letters of any language arrive', async () => {
  await room.send(mail({ subject: 'Schlüssel für Zoë', text: 'Schlüssel …\n' }));
  const { raw = '' } = server.received.at(-1) ?? {};
  expect(raw).toMatch(/^Subject: =\?UTF-8\?/m);
  expect(raw).toMatch(/quoted-printable|base64/);
});

test.each([
  ['a line break in the address', { to: 'alice@example.net\r\nBcc: eve@example.com' }],
  ['a list', { to: 'alice@example.net, eve@example.com' }],
  ['a second address in brackets', { to: 'alice@example.net <eve@example.com>' }],
  ['a group', { to: 'x: alice@example.net, eve@example.com;' }],
  ['no address', { to: 'alice' }],
])('ATTACK: %s reaches nobody', async (_, more) => {
  const before = server.received.length;
  await expect(room.send(mail(more))).rejects.toThrow(MailRefused);
  expect(server.received).toHaveLength(before);
});

test('ATTACK: a line break in a subject adds no header', async () => {
  await room.send(mail({ subject: 'New\r\nBcc: eve@example.com\r\n\r\n<b>hi</b>' }));
  const { raw = '', to = [] } = server.received.at(-1) ?? {};
  expect(to).toEqual(['alice@example.net']);
  expect(raw).not.toMatch(/^Bcc:/m);
  expect(raw).toMatch(/^Subject: New Bcc: eve@example\.com/m);
});

test('a refused recipient is final; a refusal for now, or no server, is not', async () => {
  server.refuseWith(550);
  await expect(room.send(mail())).rejects.toThrow(MailRefused);
  server.refuseWith(451);
  await expect(room.send(mail())).rejects.not.toBeInstanceOf(MailRefused);
  server.refuseWith(undefined);
  const nobody = mailOverSmtp({ ...local, port: 1 }, from);
  await expect(nobody.send(mail())).rejects.not.toBeInstanceOf(MailRefused);
});

test('ATTACK: a server that strips STARTTLS gets no mail, but on loopback', async () => {
  const remote = mailOverSmtp({ ...local, loopback: false, port: server.port }, from);
  const before = server.received.length;
  await expect(remote.send(mail())).rejects.toThrow(/ETLS|STARTTLS|EPROTOCOL|ECONNECTION|ESOCKET/);
  expect(server.received).toHaveLength(before);
});

test('ATTACK: TLS by a certificate that nobody vouches for gets no mail', async () => {
  const other = await smtpServer({ secure: true, disabledCommands: [] });
  const remote = mailOverSmtp({ ...local, tlsAtOnce: true, loopback: false, port: other.port }, from);
  await expect(remote.send(mail())).rejects.toThrow();
  expect(other.received).toEqual([]);
  await other.close();
});

test('without a server, mails are files that only their owner reads', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'gatehouse-mail-')), 'mails');
  await mailFiles(folder, from).send(mail());
  expect(readdirSync(folder)).toEqual(['mai_1.eml']);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'mai_1.eml')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, 'mai_1.eml'), 'utf8').split('\n')).toContain(link);
  rmSync(folder, { recursive: true });
});
