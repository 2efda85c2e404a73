/** `gatehouse message submit`: what a mail server pipes is judged, or comes again. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { MailRefused, type Submission, submit } from '../../src/cli/submit.ts';
import { limits } from '../../src/protocol/mail/limits.ts';

const flagged = { verdict: 'password_request', score: 0.97, flagged: true, flag_id: 'flg_1' };

async function submitted(mail: Buffer[], json = false, scan = async (_: Submission) => flagged) {
  const [lines, cries, asked]: [string[], string[], Submission[]] = [[], [], []];
  const terminal = {
    json,
    out: (line: string) => void lines.push(line),
    err: (line: string) => void cries.push(line),
  };
  const how = { direction: 'outbound', recipient: 'anna@host.test' } as const;
  const code = await submit(terminal, Readable.from(mail), how, (submission) => {
    asked.push(submission);
    return scan(submission);
  });
  return { code, lines, cries, asked };
}

it('a mail is asked about as it came; whatever the verdict, it is done with', async () => {
  const { code, lines, asked } = await submitted([
    Buffer.from('Subject: x\n\n'),
    Buffer.from('\xff', 'latin1'),
  ]);
  expect(code).toBe(0);
  expect(lines).toEqual(['password_request 0.970 flagged flg_1']);
  expect(asked).toEqual([
    { raw: Buffer.from('Subject: x\n\n\xff', 'latin1'), direction: 'outbound', recipient: 'anna@host.test' },
  ]);
  expect((await submitted([Buffer.from('x')], true)).lines).toEqual([JSON.stringify(flagged)]);
});

it('no verdict: come again (75), and nothing of the mail is said', async () => {
  const { code, lines, cries } = await submitted([Buffer.from('pl4nted')], false, async () => {
    throw new Error('/v1/messages/scan answered 503');
  });
  expect({ code, lines, cries }).toEqual({
    code: 75,
    lines: [],
    cries: ['not judged: /v1/messages/scan answered 503'],
  });
});

it('a mail that cannot be judged does not come again (65)', async () => {
  const { code, lines } = await submitted([Buffer.from('x')], false, async () => {
    throw new MailRefused('/v1/messages/scan answered 422');
  });
  expect({ code, lines }).toEqual({ code: 65, lines: [] });
});

it('nothing on standard input is no mail', async () => {
  expect(await submitted([])).toMatchObject({ code: 65, asked: [] });
});

it('more than is read is read to its end, and cut', async () => {
  const { code, asked } = await submitted(Array.from({ length: 30 }, () => Buffer.alloc(1024 * 1024, 'x')));
  expect(code).toBe(0);
  expect(asked[0]?.raw.length).toBe(limits.bytes);
});
