import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MilterConfig } from '../../src/agent/config-shape.ts';
import { MilterServer } from '../../src/agent/milter.ts';
import { type MailQuestion, type MailVerdict, ServiceFault } from '../../src/agent/service.ts';
import { limits } from '../../src/protocol/mail/limits.ts';
import { systemWorld } from '../../src/world.ts';
import { agreed, dialMilter, greeting, numbers, packet, tell } from '../support/milter.ts';

const clear: MailVerdict = { verdict: 'clear', solicited: false, score: 0.0123, flagged: false, signals: [] };
const request: MailVerdict = {
  ...{ verdict: 'password_request', solicited: false, score: 0.97, flagged: true, flag_id: 'flg_1' },
  signals: [
    { name: 'asks-for-secret', weight: 3 },
    { name: 'deadline', weight: 1 },
    { name: 'conversation', weight: -1 },
  ],
};
const requestHeader =
  'password_request; score=0.970; flagged=true; flag=flg_1; signals=asks-for-secret,deadline';

const lines: string[] = [];
const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
let server: MilterServer;
let port: number;
let asked: MailQuestion[];
const counted: string[] = [];
let answer: (question: MailQuestion, signal: AbortSignal) => Promise<MailVerdict>;

const usual: MilterConfig = {
  ...{ address: '127.0.0.1:0', flagged: 'header', staff: [], staffRequest: 'reject', unjudged: 'accept' },
};
async function begin(config: Partial<MilterConfig> = {}): Promise<void> {
  await server?.stop();
  server = new MilterServer({
    ...{ config: { ...usual, ...config }, log, world: systemWorld },
    onJudged: (verdict, deed, seconds) => {
      if (seconds >= 0) counted.push(`${verdict} ${deed}`);
    },
    scan: (question, signal) => {
      asked.push(question);
      return answer(question, signal);
    },
  });
  port = await server.listen();
}

beforeEach(async () => {
  asked = [];
  lines.length = 0;
  counted.length = 0;
  answer = async () => clear;
  await begin();
});
afterEach(() => server.stop());

const inserted = (value: string) => ['i', `\0\0\0\0X-Gatehouse-Verdict\0 ${value}\0`];
const goOn = ['c', ''];

describe('a mail', () => {
  test('is asked about byte by byte as it came, and gets its verdict in front', async () => {
    const peer = await agreed(port);
    const headers = [
      ['Subject', ' a\n\tb'],
      ['X-Odd', 'none'],
      ['X-Raw', ' \xe9'],
    ] as const;
    peer.socket.write(tell({ sender: 'x@remote.test', headers, body: 'one\r\n..two\r\n\xff' }));
    expect(await peer.verdict()).toEqual([inserted('clear; score=0.012; flagged=false'), goOn]);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ recipient: 'anna@host.test', direction: 'inbound' });
    expect(asked[0]?.raw.toString('latin1')).toBe(
      'Return-Path: <x@remote.test>\r\nSubject: a\r\n\tb\r\nX-Odd:none\r\nX-Raw: \xe9\r\n\r\none\r\n..two\r\n\xff',
    );
  });

  test('follows another on the same connection, and nothing of the first is in it', async () => {
    const peer = await agreed(port);
    peer.socket.write(tell({ login: 'boss@host.test', body: 'first', recipients: ['a@h.test', 'b@h.test'] }));
    await peer.verdict();
    peer.socket.write(
      Buffer.concat([packet('A'), tell({ body: 'second' }), packet('K'), tell({ body: 'third' })]),
    );
    await peer.verdict();
    await peer.verdict();
    expect(asked.map(({ recipient, raw }) => [recipient, raw.toString().slice(-6)])).toEqual([
      ['a@h.test', '\r\nfirst'.slice(-6)],
      ['b@h.test', '\r\nfirst'.slice(-6)],
      ['anna@host.test', 'second'],
      ['anna@host.test', '\nthird'],
    ]);
  });

  test('given up half-way leaves nothing for the next', async () => {
    const peer = await agreed(port);
    const half = tell({ body: 'half' });
    peer.socket.write(
      Buffer.concat([half.subarray(0, half.length - 5), packet('A'), tell({ body: 'whole' })]),
    );
    await peer.verdict();
    expect(asked.map(({ raw }) => raw.includes('half'))).toEqual([false]);
  });

  test('with forged verdicts loses them, whatever their case, and they are not asked about', async () => {
    const peer = await agreed(port);
    const headers = [
      ['X-Gatehouse-Verdict', ' clear; score=0.000'],
      ['Subject', ' x'],
      ['x-gatehouse-VERDICT', ' clear'],
    ] as const;
    peer.socket.write(tell({ headers }));
    const removed = (index: number) => ['m', `\0\0\0${String.fromCharCode(index)}X-Gatehouse-Verdict\0\0`];
    expect(await peer.verdict()).toEqual([
      removed(2),
      removed(1),
      inserted('clear; score=0.012; flagged=false'),
      goOn,
    ]);
    expect(asked[0]?.raw.toString()).not.toMatch(/verdict/i);
  });

  test('is told step by step to a server that waits for each answer', async () => {
    const peer = await agreed(port, packet('O', numbers(2, 0x3f, 0x7f)));
    const steps = ['C', 'H', 'M', 'R', 'L', 'N', 'B'];
    const data = ['h\0L', 'h\0', '<a@b.test>\0', '<c@d.test>\0', 'Subject\0x\0', '', 'text'];
    for (const [at, step] of steps.entries()) {
      peer.socket.write(packet(step, data[at]));
      expect(await peer.next()).toEqual(goOn);
    }
    peer.socket.write(packet('E'));
    expect(await peer.verdict()).toEqual([
      ['i', '\0\0\0\0X-Gatehouse-Verdict\0clear; score=0.012; flagged=false\0'],
      goOn,
    ]);
    expect(asked[0]?.raw.toString()).toContain('Subject: x\r\n\r\ntext');
  });
});

describe('a request', () => {
  test.each([
    ['header', [inserted(requestHeader), goOn]],
    ['hold', [inserted(requestHeader), ['q', 'it asks for a password\0'], goOn]],
    ['reject', [['y', expect.stringMatching(/^550 5\.7\.1 Not accepted: this message asks for a password/)]]],
  ] as const)('flagged, with %s', async (flagged, packets) => {
    await begin({ flagged });
    answer = async () => request;
    const peer = await agreed(port);
    peer.socket.write(tell({}));
    expect(await peer.verdict()).toEqual(packets);
  });

  test('that something explains goes on, also where flagged ones are refused', async () => {
    await begin({ flagged: 'reject' });
    answer = async () => ({ ...request, flagged: false, flag_id: undefined, solicited: true });
    const peer = await agreed(port);
    peer.socket.write(tell({}));
    const header =
      'password_request; score=0.970; flagged=false; solicited=true; signals=asks-for-secret,deadline';
    expect(await peer.verdict()).toEqual([inserted(header), goOn]);
  });

  test('to several: each is asked about, and the worst verdict is the mail’s', async () => {
    answer = async ({ recipient }) => (recipient === 'carl@b.test' ? request : clear);
    const peer = await agreed(port);
    const recipients = ['anna@a.test', 'ANNA@a.test', 'bert@a.test', 'carl@b.test'];
    peer.socket.write(tell({ recipients }));
    expect((await peer.verdict())[0]).toEqual(inserted(requestHeader));
    expect(asked.map(({ recipient }) => recipient)).toEqual(['ANNA@a.test', 'carl@b.test', 'bert@a.test']);
  });

  test('to a crowd: twenty are asked about, one of each domain first', async () => {
    const peer = await agreed(port);
    const crowd = Array.from({ length: 300 }, (_, at) => `u${at}@crowd.test`);
    peer.socket.write(tell({ recipients: [...crowd, 'last@target.test'] }));
    await peer.verdict();
    expect(asked).toHaveLength(20);
    expect(asked[1]?.recipient).toBe('last@target.test');
  });

  test('of the staff, who log in: asked about as outbound, and not sent', async () => {
    await begin({ staff: ['@desk.test', 'root'] });
    answer = async () => request;
    const said: [string | undefined, string, RegExp][] = [
      ['Help@Desk.Test', 'outbound', /^550 5\.7\.1 Not sent: we never ask customers/],
      ['root', 'outbound', /^550/],
      ['anna@host.test', 'inbound', /^\0/],
      ['x@evil-desk.test', 'inbound', /^\0/],
      [undefined, 'inbound', /^\0/],
    ];
    const peer = await agreed(port);
    for (const [login, direction, first] of said) {
      peer.socket.write(tell(login === undefined ? {} : { login }));
      expect((await peer.verdict())[0]?.[1]).toMatch(first);
      expect(asked.at(-1)?.direction).toBe(direction);
    }
  });

  test('names of signals that are no names do not reach the header', async () => {
    const signals = ['a\r\nBcc: x@y.test', 'fine', 'ü', 'x'.repeat(80)].map((name) => ({ name, weight: 1 }));
    answer = async () => ({ ...request, flag_id: 'flg_1\r\nX: y', signals });
    const peer = await agreed(port);
    peer.socket.write(tell({}));
    expect((await peer.verdict())[0]).toEqual(
      inserted('password_request; score=0.970; flagged=true; signals=fine'),
    );
  });
});

describe('no verdict', () => {
  beforeEach(() => {
    answer = async () => {
      throw new Error('the service is away');
    };
  });

  test('open by choice: the mail goes on, says so, and forged verdicts go all the same', async () => {
    const peer = await agreed(port);
    peer.socket.write(tell({ headers: [['X-Gatehouse-Verdict', ' clear']] }));
    expect(await peer.verdict()).toEqual([
      ['m', '\0\0\0\x01X-Gatehouse-Verdict\0\0'],
      inserted('not_judged; reason=no_answer'),
      goOn,
    ]);
  });

  test('a mail that cannot be judged is told apart from a service that is away', async () => {
    answer = async () => {
      throw new ServiceFault('/v1/messages/scan', 422);
    };
    const peer = await agreed(port);
    peer.socket.write(tell({}));
    expect(await peer.verdict()).toEqual([inserted('not_judged; reason=unjudgeable'), goOn]);
  });

  test('closed by choice: come again', async () => {
    await begin({ unjudged: 'tempfail' });
    const peer = await agreed(port);
    peer.socket.write(tell({}));
    expect(await peer.verdict()).toEqual([['y', expect.stringMatching(/^451 4\.7\.1 /)]]);
  });

  test('for one of several is none for the mail, unless another is a request', async () => {
    answer = async ({ recipient = '' }) => {
      if (recipient.startsWith('b')) throw new Error('away');
      return clear;
    };
    const peer = await agreed(port);
    const recipients = ['a@a.test', 'b@b.test'];
    peer.socket.write(tell({ recipients }));
    expect((await peer.verdict())[0]).toEqual(inserted('not_judged; reason=no_answer'));
    answer = async ({ recipient = '' }) => {
      if (recipient.startsWith('b')) throw new Error('away');
      return request;
    };
    peer.socket.write(tell({ recipients }));
    expect((await peer.verdict())[0]).toEqual(inserted(requestHeader));
  });
});

test('each mail is counted, by what was found and what became of it', async () => {
  await begin({ flagged: 'hold', unjudged: 'tempfail' });
  const peer = await agreed(port);
  const failed = async () => {
    throw new Error('away');
  };
  for (const each of [async () => clear, async () => request, failed]) {
    answer = each;
    peer.socket.write(Buffer.concat([packet('A'), tell({ body: 'x' })]));
    await peer.verdict();
  }
  expect(counted).toEqual(['clear header', 'flagged hold', 'not_judged defer']);
});

test('a large mail arrives whole; of one that is larger than is read, as much as is read', async () => {
  const peer = await agreed(port);
  const body = Buffer.alloc(24 * 1024 * 1024, 'line of text, again and again\r\n');
  peer.socket.write(tell({ body }));
  await peer.verdict();
  expect(asked[0]?.raw.subarray(-body.length).equals(body)).toBe(true);
  peer.socket.write(tell({ body: Buffer.alloc(40 * 1024 * 1024, 'x') }));
  await peer.verdict();
  expect(asked[1]?.raw.length).toBe(limits.bytes);
});

test('fifty large mails at once: a few are held at a time, the others wait, all are judged', async () => {
  let inside = 0;
  let most = 0;
  answer = async () => {
    most = Math.max(most, ++inside);
    await sleep(20);
    inside--;
    return clear;
  };
  const body = Buffer.alloc(1024 * 1024, 'x');
  const peers = await Promise.all(Array.from({ length: 50 }, () => agreed(port)));
  const verdicts = await Promise.all(
    peers.map((peer) => {
      peer.socket.write(tell({ body }));
      return peer.verdict();
    }),
  );
  expect(verdicts.every(([first]) => first?.[1].includes('clear'))).toBe(true);
  expect(most).toBeLessThanOrEqual(4);
  // Whoever leaves while holding a slot gives it back.
  const half = tell({ body }).subarray(0, 900_000);
  for (let at = 0; at < 8; at++) {
    const peer = await agreed(port);
    peer.socket.write(half);
    await sleep(10);
    peer.socket.destroy();
  }
  const after = await agreed(port);
  after.socket.write(tell({ body }));
  expect((await after.verdict())[0]?.[1]).toContain('clear');
});

describe('junk', () => {
  const hello = Buffer.concat([greeting]);
  test.each([
    ['HTTP', Buffer.from('POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello')],
    ['SMTP', Buffer.from('EHLO x\r\n')],
    ['zeros', Buffer.alloc(64)],
    ['a mail without a negotiation', tell({})],
    ['a length of four gigabytes', Buffer.concat([hello, numbers(0xffffffff)])],
    ['a command that there is not', Buffer.concat([hello, packet('z')])],
    ['a second negotiation', Buffer.concat([hello, greeting])],
    ['a recipient before a sender', Buffer.concat([hello, packet('R', '<a@b.test>\0')])],
    ['the end of a mail that never began', Buffer.concat([hello, packet('E')])],
    ['a header without an end', Buffer.concat([hello, packet('M', '<>\0'), packet('L', 'pl4nted')])],
  ])('%s: hung up, and nothing of it in the log', async (_, bytes) => {
    const peer = await dialMilter(port);
    peer.socket.write(bytes);
    await peer.closed;
    expect(asked).toEqual([]);
    expect(lines.join('')).toContain('dropped a peer');
    expect(lines.join('')).not.toMatch(/HTTP|EHLO|b\.test|pl4nted/);
  });

  test('does not keep mail waiting: hundreds of peers that send it, and one that is none', async () => {
    const peers = await Promise.all(Array.from({ length: 200 }, () => dialMilter(port)));
    for (const { socket } of peers) socket.write('\xff\xff\xff\xff\xff');
    const good = await agreed(port);
    good.socket.write(tell({}));
    expect(await good.verdict()).toHaveLength(2);
    await Promise.all(peers.map(({ closed }) => closed));
  });
});

test('sixteen mails and more at once each get their own verdict', async () => {
  answer = async ({ recipient = '' }) => {
    await sleep(Number(recipient.slice(1).split('@')[0]) % 7);
    return { ...clear, score: Number(recipient.slice(1).split('@')[0]) / 1_000 };
  };
  const seen = await Promise.all(
    Array.from({ length: 64 }, async (_, at) => {
      const peer = await agreed(port);
      peer.socket.write(tell({ recipients: [`u${at}@host.test`] }));
      return (await peer.verdict())[0]?.[1];
    }),
  );
  expect(seen.map((text) => /score=0\.(\d+)/.exec(text ?? '')?.[1])).toEqual(
    seen.map((_, at) => String(at).padStart(3, '0')),
  );
});

test('no password of a mail is in a log line, whether it was judged or not', async () => {
  const peer = await agreed(port);
  const planted = { headers: [['Subject', ' pl4nted']] as const, body: 'my password is pl4nted' };
  peer.socket.write(tell({ ...planted, sender: 'pl4nted@x.test', recipients: ['pl4nted@y.test'] }));
  await peer.verdict();
  answer = async () => {
    throw new Error('away');
  };
  peer.socket.write(tell(planted));
  await peer.verdict();
  expect(lines.join('')).toContain('4ABCdef');
  expect(lines.join('')).not.toContain('pl4nted');
});

test('a mail server that goes away while it waits takes its question along', async () => {
  let aborted = false;
  answer = (_, signal) =>
    new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        aborted = true;
        reject(signal.reason);
      }),
    );
  const peer = await agreed(port);
  peer.socket.write(tell({}));
  while (asked.length === 0) await sleep(2);
  peer.socket.resetAndDestroy();
  while (!aborted) await sleep(2);
});

test('a stop answers the mail that is being judged, and hangs up on those who have none', async () => {
  let release = () => {};
  answer = () =>
    new Promise((resolve) => {
      release = () => resolve(clear);
    });
  const [idle, busy] = [await agreed(port), await agreed(port)];
  busy.socket.write(tell({}));
  while (asked.length === 0) await sleep(2);
  const stopped = server.stop();
  await idle.closed;
  expect(busy.over()).toBe(false);
  release();
  expect(await busy.verdict()).toEqual([inserted('clear; score=0.012; flagged=false'), goOn]);
  await Promise.all([busy.closed, stopped]);
});

describe('a socket in the file system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-milter-'));
  const path = `${folder}/milter.sock`;
  afterEach(() => rmSync(path, { force: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is listened on; the folder says who may come', async () => {
    await begin({ address: `unix:${path}` });
    // To write is what it takes to connect; whether Node sets the bit to run it, too, depends on its release.
    expect(statSync(path).mode & 0o666).toBe(0o666);
    const peer = await agreed(path);
    peer.socket.write(tell({}));
    expect(await peer.verdict()).toHaveLength(2);
  });

  test('of an agent that was killed is taken over; of one that lives it is not', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(path, resolve));
    await expect(begin({ address: `unix:${path}` })).rejects.toThrow('EADDRINUSE');
    await new Promise((resolve) => other.close(resolve));
    // A dead one: made, and its listener killed without a word.
    const code = `require('node:net').createServer().listen(${JSON.stringify(path)},()=>process.kill(process.pid,'SIGKILL'))`;
    try {
      execFileSync(process.execPath, ['-e', code]);
    } catch {}
    expect(statSync(path).isSocket()).toBe(true);
    await begin({ address: `unix:${path}` });
    expect((await agreed(path)).over()).toBe(false);
  });
});
