/** Raw mail becomes a plain message within limits, whatever it is; whose word counts; mailboxes in pieces. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/mail/limits.ts';
import { isMailbox, Mailbox } from '../../src/protocol/mail/mbox.ts';
import { readMail } from '../../src/protocol/mail/read-mail.ts';

const head = 'From: "Eva Moor" <eva@mail.sender.co.uk>\r\nTo: anna@customer.example\r\nSubject: x\r\n';
const read = (text: string | Buffer, trusted: string[] = []) =>
  readMail(Buffer.from(text), { authservIds: trusted });
const body = (type: string, bytes: Buffer | string, encoding = '8bit') =>
  read(
    Buffer.concat([
      Buffer.from(`${head}Content-Type: ${type}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`),
      Buffer.from(bytes),
    ]),
  ).text.trim();

it('who, to whom, about what', () => {
  expect(
    read(`${head}Reply-To: x@gmail.com\r\nReturn-Path: <b@bounce.example>\r\nSubject: y\r\n\r\nHello`),
  ).toMatchObject({
    from: { name: 'Eva Moor', host: 'mail.sender.co.uk', domain: 'sender.co.uk' },
    to: [{ address: 'anna@customer.example' }],
    replyTo: [{ domain: 'gmail.com' }],
    returnPath: { address: 'b@bounce.example' },
    subject: 'x',
    text: 'Hello',
    cut: [],
  });
  expect(read('Subject: =?iso-2022-jp?B?GyRCJVElOSVvITwlSRsoQg==?=\r\n\r\nx').subject).toBe('パスワード');
  expect(read('Just a text\nwithout headers, pasted').text).toBe('Just a text\nwithout headers, pasted');
});

describe('charsets and encodings', () => {
  it.each([
    ['text/plain; charset=koi8-r', Buffer.from('d0c1d2cfccd8', 'hex'), '8bit', 'пароль'],
    ['text/plain; charset="windows-1252"', Buffer.from('706173e9', 'hex'), '8bit', 'pasé'],
    ['text/plain; charset=gb18030', Buffer.from('c3dcc2eb', 'hex'), '8bit', '密码'],
    [
      'text/plain; charset=iso-2022-jp',
      Buffer.from('\x1b$B%Q%9%o!<%I\x1b(B', 'latin1'),
      '7bit',
      'パスワード',
    ],
    ['text/plain; charset=nonsense', Buffer.from('Prüfung'), '8bit', 'Prüfung'],
    ['text/plain', Buffer.from('50fc72', 'hex'), '8bit', 'Pür'],
    ['text/plain; charset=utf-8', 'pass=\r\nw=C3=B6rd=3D =ZZ', 'quoted-printable', 'passwörd= =ZZ'],
    ['text/plain; charset=utf-8', 'cGFz\r\nc3dvcmQ=', 'BASE64', 'password'],
  ])('%s %#', (type, bytes, encoding, text) => expect(body(type, bytes, encoding)).toBe(text));
});

const boundary = (parts: string[], type = 'mixed') =>
  `${head}Content-Type: multipart/${type}; boundary="b 1"\r\n\r\nignored\r\n${parts.map((part) => `--b 1\r\n${part}\r\n`).join('')}--b 1--\r\nignored`;

it('pages as readers see them: hidden text apart, links with their words, forms', () => {
  const page = read(
    boundary([
      'Content-Type: text/plain\r\n\r\nplain',
      `Content-Type: text/html\r\n\r\n<style>p{}</style><p>Ver<b>ify</b>&nbsp;now</p><script>x</script>
      <div style="display: none">secret</div><font color="#FFFFFE">white</font>
      <a href="https://a.example.co.uk/x?y=1">your <i>account</i></a><form action="https://f.example/"><input type=password>`,
    ]),
  );
  expect(page.text).toContain('Verify now');
  expect(page.text).not.toMatch(/secret|white|p\{\}/);
  expect(page.hidden).toContain('secret');
  expect(page.links).toMatchObject([
    { text: 'your account', host: 'a.example.co.uk', domain: 'example.co.uk' },
  ]);
  expect(page.text.slice(page.links[0]?.at)).toMatch(/^your account/);
  expect(page.forms).toMatchObject([{ domain: 'f.example', passwords: 1, attached: false }]);
});

it('what is attached, and the message in a message', () => {
  const message = read(
    boundary([
      'Content-Type: text/plain\r\n\r\nsee below',
      `Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nforwarded words`,
      "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*0*=utf-8''inv%6F; filename*1=ice.html\r\n\r\n<form><input type=password>",
      'Content-Type: application/pdf; name="a.pdf"\r\n\r\n%PDF',
    ]),
  );
  expect(message.text).toContain('forwarded words');
  expect(message.attachments.map(({ name }) => name)).toEqual(['invoice.html', 'a.pdf']);
  expect(message.forms).toMatchObject([{ passwords: 1, attached: true }]);
});

it('Authentication-Results count from the trusted boundary alone', () => {
  const field = (id: string, what: string) => `Authentication-Results: ${id}; ${what}\r\n`;
  const raw = `${field('evil.example', 'dmarc=pass')}${field('mx.host.example', 'spf=fail; dkim=pass header.d=mail.sender.co.uk; dmarc=fail (p=reject)')}${head}\r\nx`;
  expect(read(raw).authentication).toBeUndefined();
  expect(read(raw, ['other.example']).authentication).toBeUndefined();
  expect(read(raw, ['MX.host.example']).authentication).toEqual({
    spf: 'fail',
    dmarc: 'fail',
    dkim: [{ result: 'pass', domain: 'sender.co.uk' }],
  });
});

it('links are taken apart, and disguises noticed', () => {
  const { links } = read(
    `${head}Content-Type: text/html\r\n\r\n<a href="http://[2001:db8::1]:8080/">a</a><a href="https://bank.example@evil.example/">b</a><a href="https://evil.example">www.bank.example</a><a href="javascript:x">c</a><a href="mailto:x@y.example">d</a>`,
  );
  expect(links).toMatchObject([
    { isIp: true, port: 8080 },
    { userinfo: true, domain: 'evil.example' },
    { shownDomain: 'bank.example', domain: 'evil.example' },
  ]);
});

describe('limits are met, said, and never fatal', () => {
  it('parts, depth, text, links', () => {
    expect(read(boundary(Array.from({ length: 300 }, () => '\r\nx'))).cut).toEqual(['parts']);
    let deep = head;
    for (let i = 0; i < 50; i++) deep += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    expect(read(`${deep}\r\nsend your password`)).toMatchObject({ cut: ['depth'] });
    expect(read(`${head}\r\n${'word '.repeat(500_000)}`)).toMatchObject({ cut: ['linked', 'text'] });
    const many = read(
      `${head}Content-Type: text/html\r\n\r\n${'<a href="https://x.example/">x</a>'.repeat(3000)}`,
    );
    expect(many.links).toHaveLength(limits.links);
    expect(many.cut).toEqual(['links']);
  });
  it('any bytes at all are read', () => {
    const part = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\n',
      '\n',
      '--b\n',
      '--b--',
      'From: ',
      '<',
      '&#x',
      '=?utf-8?b?',
      '"',
      'Content-Transfer-Encoding: base64\n',
      '\r\n\r\n',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(part, fc.string()), { maxLength: 40 }),
        fc.uint8Array({ maxLength: 60 }),
        (parts, bytes) => {
          expect(read(Buffer.concat([Buffer.from(parts.join('')), Buffer.from(bytes)])).medium).toBe('email');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('mailboxes', () => {
  const box =
    'From a@b.example Mon Jan  1 00:00:00 2024\nSubject: 1\n\n>From here\nFrom now on\n\nFrom me\n\nFrom c@d.example Tue Jan  2 00:00:00 2024\nSubject: 2\n\ntwo\n';
  const split = (bytes: Buffer, size: number) => {
    const mailbox = new Mailbox();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size)
      for (const raw of mailbox.push(bytes.subarray(at, at + size))) found.push(raw.toString());
    for (const raw of mailbox.end()) found.push(raw.toString());
    return found;
  };
  it('are split at their separators, however they arrive', () => {
    expect(isMailbox(Buffer.from(box))).toBe(true);
    expect(isMailbox(Buffer.from('From: a@b.example\n\nx'))).toBe(false);
    for (const size of [1, 7, 1000])
      expect(split(Buffer.from(box), size)).toEqual([
        'Subject: 1\n\nFrom here\nFrom now on\n\nFrom me\n\n',
        'Subject: 2\n\ntwo\n',
      ]);
  });
  it('hold no more of a message than is read', () => {
    const mailbox = new Mailbox();
    mailbox.push(Buffer.from('From a@b.example Mon Jan  1 00:00:00 2024\n\n')).next();
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let i = 0; i < 40; i++) expect([...mailbox.push(piece)]).toEqual([]);
    expect([...mailbox.end()].map(({ length }) => length)).toEqual([limits.bytes + 1]);
  });
});
