/** Ways past the judge of messages: what cannot be written down, what cannot be read, and words put into a boundary's mouth. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readMail } from '../../src/protocol/mail/read-mail.ts';
import { gatewayOf, phish } from '../support/gateway.ts';
import { fitTestHouse } from '../support/house.ts';

const house = await fitTestHouse({ pool: 20 });
const gateway = await gatewayOf(house);
const { send, scanMail } = gateway;
afterAll(house.close);
beforeEach(async () => {
  await house.database.sql`delete from messages`;
  await house.database.sql`delete from flags`;
});

const mail = (head: string, text: string) =>
  Buffer.from(`From: Help desk <desk@evil.example>\r\nTo: anna@customer.example\r\n${head}\r\n\r\n${text}`);
const json = (said: object) => JSON.stringify({ medium: 'ticket', direction: 'inbound', ...said });

const spoiled = (by: string) => phish.replace('reply', `rep${by}ly`).replace('Dear', `${by}Dear`);

describe('what no database takes does not lose the flag', () => {
  const qp = 'Content-Transfer-Encoding: quoted-printable';
  const html = 'Content-Type: text/html; charset=utf-8';
  const name = '=?utf-8?q?Your=00_mailbox?=';
  it.each<[string, string, string | Buffer]>([
    ['raw NUL', 'message/rfc822', mail('Subject: x', spoiled('\0'))],
    ['raw NUL in html', 'message/rfc822', mail(html, `<p>${spoiled('\0')}</p>`)],
    ['NUL in quoted-printable', 'message/rfc822', mail(`Subject: x\r\n${qp}`, spoiled('=00'))],
    ['NUL in the subject', 'message/rfc822', mail(`Subject: ${name}`, phish)],
    ['NUL in the sender', 'message/rfc822', mail(`Reply-To: ${name} <a\0b@evil.example>`, phish)],
    ['NUL by entity', 'message/rfc822', mail(html, `<p>${spoiled('&#0;')}${phish}</p>`)],
    ['half a pair by entity', 'message/rfc822', mail(html, `<p>${phish} &#xD83D;</p>`)],
    ['escape by entity', 'message/rfc822', mail(html, `<p>${spoiled('&#27;')}</p>`)],
    [
      'NUL in a link',
      'message/rfc822',
      mail(html, `<p>${phish} <a href="http://evil.example/\0?a=\0">a\0</a>`),
    ],
    ['hidden NUL', 'message/rfc822', mail(html, `<p>${phish}<p hidden>a\0b &#0; password`)],
    ['file names', 'message/rfc822', mail("Content-Disposition: inline; filename*=utf-8''a%00b.txt", phish)],
    [
      'NUL in JSON',
      'application/json',
      json({ text: spoiled('\0'), subject: 'a\0', from: '"\0" <a@b\0.example>' }),
    ],
    [
      'NUL in the login',
      'application/json',
      json({ text: phish, account_login: 'anna\0', to: 'a\0@b.example' }),
    ],
    [
      'half a pair in JSON',
      'application/json',
      `${json({ text: phish }).slice(0, -2)} \\ud83d","subject":"\\udc00"}`,
    ],
    ['C1 controls', 'application/json', json({ text: spoiled('\u009b') })],
  ])('%s', async (_, type, body) => {
    const answer = await send(type, body);
    expect(answer).toMatchObject({ status: 200, body: { verdict: 'password_request', flagged: true } });
    const [flag] = await house.database
      .sql`select evidence from flags where id = ${answer.body.flag_id ?? ''}`;
    expect(flag?.evidence.text).toContain('with your password');
    const [kept] = await house.database.sql`select redacted from messages`;
    expect(kept?.redacted).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('a recipient with a NUL', async () => {
    const answer = await scanMail(mail('Subject: x', phish), '?recipient=anna%00%40b.example');
    expect(answer).toMatchObject({ status: 200, body: { flagged: true } });
  });

  it('a quote or a text that is cut within a pair', async () => {
    for (const shift of ['', 'x']) {
      const answer = await send(
        'application/json',
        json({ text: `${phish} ${shift}${'😀'.repeat(200_000)}` }),
      );
      expect(answer).toMatchObject({ status: 200, body: { flagged: true } });
      const hidden = `<p hidden>${shift}${'😀'.repeat(5_000)} password`;
      const page = await scanMail(mail(html, `<p>${phish}${hidden}`));
      expect(page).toMatchObject({ status: 200, body: { flagged: true } });
    }
  });
});

it('controls that stand for a space part words, others do not; offsets are of the cleaned text', async () => {
  for (const by of ['\v', '\f', '\r', '\u0085']) {
    const { body } = await send('application/json', json({ text: phish.replaceAll(' ', by) }));
    expect(body.verdict).toBe('password_request');
  }
  const { body } = await send('application/json', json({ text: `\0\0\0${phish}` }));
  const { part, start, end, quote } = body.signals
    .flatMap(({ evidence }) => evidence)
    .find((each) => each.start > 0) ?? {
    ...{ part: '', start: 0, end: 0, quote: '' },
  };
  expect(part).toBe('text');
  expect(phish.slice(start, end)).toBe(quote);
});

describe('many parts cost no more than one', () => {
  const parted = (type: string, piece: string) =>
    mail(
      'Content-Type: multipart/mixed; boundary=b',
      `${`--b\r\nContent-Type: ${type}\r\n\r\n${piece}\r\n`.repeat(190)}--b--\r\n`,
    );

  it.each<[string, string, string, string[]]>([
    ['pages of addresses', 'text/html', 'a.com '.repeat(20_000), ['bodies', 'html', 'linked', 'links']],
    ['texts of addresses', 'text/plain', 'a.com '.repeat(20_000), ['linked', 'links', 'text']],
    ['pages of anchors', 'text/html', '<a href=//[>'.repeat(10_000), ['bodies', 'html', 'links']],
    [
      'attached pages',
      'text/html; name="a.html"',
      '<form action=x>y'.repeat(5_000),
      ['bodies', 'forms', 'html'],
    ],
    ['messages of headers', 'message/rfc822', 'a:\r\n'.repeat(20_000), ['allHeaders']],
    ['near boundaries', 'multipart/mixed; boundary=c', '--cc\r\n'.repeat(15_000), ['boundaries']],
  ])('%s', (_, type, piece, cut) => {
    const before = process.cpuUsage();
    const message = readMail(parted(type, piece));
    const { user } = process.cpuUsage(before);
    expect(message.cut).toEqual(expect.arrayContaining(cut));
    expect(message.links.length).toBeLessThanOrEqual(2_000);
    expect(message.forms.length).toBeLessThanOrEqual(50);
    // Some 100 ms; without a budget seconds.
    expect(user / 1000).toBeLessThan(1_000);
  });

  it('what is attached does not use up what the message is read by', async () => {
    const attached =
      `--b\r\nContent-Type: text/html; name="a.html"\r\n\r\n${'<p>x'.repeat(400_000)}\r\n`.repeat(3);
    const raw = mail(
      'Content-Type: multipart/mixed; boundary=b',
      `${attached}--b\r\nContent-Type: text/html\r\n\r\n<p>${phish}</p>\r\n--b--\r\n`,
    );
    expect(await scanMail(raw)).toMatchObject({ status: 200, body: { flagged: true } });
  });
});

describe('mails are admitted before they are read', () => {
  /** A body that is sent piece by piece, and tells whether anybody read it. */
  function slowly(pieces: number, declared?: number) {
    let read = 0;
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          read++;
          await gate;
          if (read > pieces) return controller.close();
          controller.enqueue(Buffer.from('From: a@b.example\r\n\r\nx'));
        },
      },
      { highWaterMark: 0 },
    );
    const send = async () =>
      house.app.request('http://localhost/v1/messages/scan', {
        ...{ method: 'POST', body, duplex: 'half' },
        headers: {
          ...{ authorization: `Bearer ${gateway.token}`, 'content-type': 'message/rfc822' },
          ...(declared === undefined ? {} : { 'content-length': String(declared) }),
        },
      } as RequestInit);
    const answer = send();
    return { answer, go, read: () => read };
  }

  it('RACE: of sixteen that declare nothing eight are read, the others are sent away unread, and room comes back', async () => {
    const mails = Array.from({ length: 16 }, () => slowly(1));
    const refused: Response[] = [];
    for (const { answer } of mails) void answer.then((each) => each.status === 503 && refused.push(each));
    await expect.poll(() => refused.length, { timeout: 20_000 }).toBe(8);
    expect(mails.filter(({ read }) => read() > 0)).toHaveLength(8);
    expect(await refused[0]?.json()).toMatchObject({ code: 'busy' });
    expect(refused[0]?.headers.get('retry-after')).toBe('5');
    for (const { go } of mails) go();
    const statuses = (await Promise.all(mails.map(({ answer }) => answer))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    const again = slowly(1);
    again.go();
    expect((await again.answer).status).toBe(200);
  });

  it('what declares its length takes no more room than that', async () => {
    const mails = Array.from({ length: 16 }, () => slowly(1, 22));
    for (const { go } of mails) go();
    const statuses = (await Promise.all(mails.map(({ answer }) => answer))).map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 200));
  });
});
