/** `gatehouse scan`: one JSON line a message, from files alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scan } from '../../src/cli/scan.ts';

const folder = mkdtempSync(join(tmpdir(), 'scan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function scanned(files: string[], options: Partial<Parameters<typeof scan>[2]> = {}) {
  const [lines, cries]: [string[], string[]] = [[], []];
  const terminal = {
    json: true,
    out: (line: string) => void lines.push(line),
    err: (line: string) => void cries.push(line),
  };
  const code = await scan(terminal, files, { ownDomains: [], trust: [], exitCode: false, ...options });
  return { code, cries, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const phish =
  'From: Mail Admin <x@other.example>\nTo: anna@customer.example\nSubject: Quota\n\nDear user, your mailbox has exceeded its quota and will be suspended within 24 hours. Click here to verify your account: http://203.0.113.9/x\n';
const lunch =
  'From: Eva <eva@friends.example>\nTo: tom@friends.example\nSubject: Lunch\n\nAre we still on for lunch?\n';

it('a message, a mailbox, a ticket', async () => {
  const box = `From a@b.example Mon Jan  1 00:00:00 2024\n${phish}\nFrom c@d.example Mon Jan  1 00:00:00 2024\n${lunch}`;
  const ticket = JSON.stringify({
    medium: 'ticket',
    direction: 'inbound',
    text: 'Please tell me your password.',
  });
  const { code, lines } = await scanned([put('a.eml', phish), put('box', box), put('t.json', ticket)]);
  expect(code).toBe(0);
  expect(lines.map(({ message, verdict, flagged }) => [message, verdict, flagged])).toEqual([
    [1, 'password_request', true],
    [1, 'password_request', true],
    [2, 'clear', false],
    [1, 'password_request', true],
  ]);
  expect(lines[0]).toMatchObject({
    file: join(folder, 'a.eml'),
    solicited: false,
    subject: 'Quota',
    from: 'x@other.example',
    score: expect.closeTo(0.99, 1),
    signals: expect.arrayContaining([
      {
        name: 'link-odd',
        weight: expect.any(Number),
        evidence: [expect.objectContaining({ part: 'link', quote: 'http://203.0.113.9/x' })],
      },
    ]),
  });
});

it('the same bytes, the same line', async () => {
  const file = put('same.eml', phish);
  expect((await scanned([file])).lines).toEqual((await scanned([file])).lines);
});

it('a file that cannot be read is named, and the others are judged', async () => {
  const { code, cries, lines } = await scanned([
    join(folder, 'none'),
    put('bad.json', '{"medium":"fax"}'),
    put('b.eml', lunch),
  ]);
  expect(code).toBe(1);
  expect(cries).toHaveLength(2);
  expect(lines).toMatchObject([{ verdict: 'clear' }]);
});

it('threshold, exit code, own domains, trusted boundary', async () => {
  const file = put('c.eml', phish);
  expect((await scanned([file], { exitCode: true })).code).toBe(3);
  expect((await scanned([file], { exitCode: true, threshold: 0.9999 })).code).toBe(0);
  const own = put(
    'd.eml',
    `Authentication-Results: mx.host.example; dmarc=fail\nFrom: a@host.example\nTo: b@c.example\n\nHello`,
  );
  const names = async (options: Parameters<typeof scanned>[1]) =>
    (((await scanned([own], options)).lines[0]?.signals ?? []) as { name: string }[]).map(({ name }) => name);
  expect(await names({ ownDomains: ['host.example'], trust: ['mx.host.example'] })).toContain(
    'own-name-unproved',
  );
  expect(await names({ ownDomains: ['host.example'] })).not.toContain('own-name-unproved');
});
