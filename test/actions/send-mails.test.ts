/** The outbox over a real SMTP server: once, retried, given up, wiped; on as many nodes as there are. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Ctx } from '../../src/actions/context.ts';
import { sendMails } from '../../src/actions/send-mails.ts';
import { postLetter } from '../../src/actions/steps/post-letter.ts';
import { tellOwner } from '../../src/actions/steps/tell-owner.ts';
import { noMail } from '../../src/mail/mail-room.ts';
import { mailOverSmtp } from '../../src/mail/smtp.ts';
import { fitTestHouse } from '../support/house.ts';
import { addressOf } from '../support/mails.ts';
import { smtpServer } from '../support/smtp.ts';

const house = await fitTestHouse({ pool: 20 });
const server = await smtpServer();
const at = { host: '127.0.0.1', port: server.port, tlsAtOnce: false, loopback: true, login: undefined };
const room = mailOverSmtp(at, 'Gatehouse <gatehouse@host.test>');
afterAll(async () => {
  await house.close();
  await server.close();
});

const minute = 60_000;
const system = (node: Pick<typeof house, 'ctx'> = house): Ctx => {
  const ctx = node.ctx({ kind: 'system' });
  return { ...ctx, house: { ...ctx.house, mail: room } };
};
const account = await house.account('alice');
await addressOf(house, account, 'alice@example.net');
const write = (kind = 'test', subject = 'Hello') => {
  const ctx = system();
  const letter = { subject, paragraphs: ['A line with a secret in it.'] };
  const to = { account: { id: account, login: 'alice' }, to: 'alice@example.net', kind, letter };
  return ctx.touch((tx) => postLetter(tx, ctx, to));
};
const rows = () => house.database.sql`select * from mails order by created_at, id`;
beforeEach(async () => {
  await house.database.sql`delete from mails`;
  server.received.length = 0;
  server.refuseWith(undefined);
});

it('leaves once, and nothing of its text is kept', async () => {
  await write();
  const [waiting] = await rows();
  expect(String(waiting?.sealed)).not.toContain('secret');
  expect(await sendMails(system())).toBe(1);
  expect(await sendMails(system())).toBe(0);
  expect(server.received).toHaveLength(1);
  expect(server.received[0]?.raw).toContain('A line with a secret in it.');
  expect((await rows())[0]).toMatchObject({ sealed: null, tries: 1, failed_at: null });
});

it('sixteen rounds of senders on two nodes: each mail leaves once', async () => {
  for (let i = 0; i < 40; i++) await write('test', `Number ${i}`);
  const other = house.node();
  const runs = Array.from({ length: 16 }, (_, i) => sendMails(system(i % 2 === 0 ? house : other)));
  await Promise.all(runs);
  while ((await sendMails(system())) > 0) {}
  const subjects = server.received.map(({ raw }) => /^Subject: (.*)$/m.exec(raw)?.[1]?.trim());
  expect(subjects).toHaveLength(40);
  expect(new Set(subjects).size).toBe(40);
});

it('a server that is down is tried again, ever more slowly, and given up after a day', async () => {
  await write();
  server.refuseWith(451);
  const tries: number[] = [];
  const begun = house.now();
  for (let i = 0; i < 26 * 60; i++) {
    if ((await sendMails(system())) > 0) tries.push((house.now() - begun) / minute);
    house.pass(minute);
  }
  expect(tries.slice(0, 6)).toEqual([0, 1, 2, 3, 5, 9]);
  expect(tries.at(-1)).toBeLessThanOrEqual(24 * 60);
  expect(tries.length).toBeLessThan(30);
  const [row] = await rows();
  expect(row).toMatchObject({ sealed: null, sent_at: null, last_fault: 'EENVELOPE RCPT TO 451' });
  expect(row?.failed_at).not.toBeNull();
  const [event] = await house.events('mail.failed');
  expect(event).toMatchObject({ account_id: account, detail: { kind: 'test' } });
});

it('a link that is dead is not sent the next morning', async () => {
  await write('reset');
  server.refuseWith(451);
  for (let i = 0; i < 40; i++) {
    await sendMails(system());
    house.pass(minute);
  }
  expect((await rows())[0]?.failed_at).not.toBeNull();
});

it('a mailbox that is not there is given up at once', async () => {
  await write();
  server.refuseWith(550);
  await sendMails(system());
  expect((await rows())[0]).toMatchObject({ tries: 1, sealed: null });
  expect((await rows())[0]?.failed_at).not.toBeNull();
});

it('a sender that dies with a mail in hand: another takes it up', async () => {
  await write();
  const ctx = system();
  const dead = {
    ...ctx,
    house: { ...ctx.house, mail: { ...room, send: () => new Promise<void>(() => {}) } },
  };
  void sendMails(dead);
  await expect.poll(async () => (await rows())[0]?.tries).toBe(1);
  expect(await sendMails(system())).toBe(0);
  house.pass(3 * minute);
  expect(await sendMails(system())).toBe(1);
  expect(server.received).toHaveLength(1);
});

it('ATTACK: a mail that was put into another row is not sent', async () => {
  await write('test', 'For one');
  await write('test', 'For another');
  await house.database.sql`update mails set sealed = (select sealed from mails order by id limit 1)`;
  while ((await sendMails(system())) > 0) {}
  expect(server.received).toHaveLength(1);
});

it('where mail is off, nothing is written that nobody sends', async () => {
  const ctx = system();
  const off = { ...ctx, house: { ...ctx.house, mail: noMail } };
  const notice = { kind: 'password_changed', login: 'alice', store: 'panel', by: 'staff' } as const;
  expect(await ctx.touch((tx) => tellOwner(tx, off, account, notice))).toBe(false);
  expect(await rows()).toHaveLength(0);
  expect(await sendMails(off)).toBe(0);
});
