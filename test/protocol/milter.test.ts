import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hold,
  insertHeader,
  MilterFault,
  maxPacketBytes,
  negotiate,
  Packets,
  readPacket,
  refuseWith,
  removeHeader,
} from '../../src/protocol/milter.ts';
import { greeting, numbers, packet } from '../support/milter.ts';

const all = (packets: Packets, piece: Buffer) => [...packets.push(piece)];
const one = (bytes: Buffer) => {
  const [first] = all(new Packets(), bytes);
  if (!first) throw new Error('no packet');
  return first;
};

describe('packets', () => {
  test('come out as they went in, however they were cut', () => {
    const packets = fc.array(fc.tuple(fc.constantFrom(...'DMRLBE'), fc.uint8Array({ maxLength: 300 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(packets, fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([command, data]) => packet(command, Buffer.from(data))));
        const reader = new Packets();
        const seen: [string, number[]][] = [];
        for (let at = 0, cut = 0; at < bytes.length; cut++) {
          const size = Math.max(1, cuts[cut % cuts.length] ?? 1);
          for (const { command, data } of reader.push(bytes.subarray(at, at + size)))
            seen.push([command, [...data]]);
          at += size;
        }
        expect(seen).toEqual(sent.map(([command, data]) => [command, [...data]]));
        expect(reader.unfinished).toBe(false);
      }),
    );
  });

  test.each([
    ['none at all', numbers(0)],
    ['four gigabytes', numbers(0xffffffff)],
    ['one more than there may be', numbers(maxPacketBytes + 1)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1])],
  ])('a length that no packet has ends it before anything is gathered: %s', (_, bytes) => {
    expect(() => all(new Packets(), bytes)).toThrow(MilterFault);
  });

  test('a large one in many pieces costs no more than a few times its length', () => {
    const whole = packet('B', Buffer.alloc(maxPacketBytes - 1, 'x'));
    const reader = new Packets();
    const began = performance.now();
    let seen = 0;
    for (let at = 0; at < whole.length; at += 64) seen += all(reader, whole.subarray(at, at + 64)).length;
    expect(seen).toBe(1);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('negotiation', () => {
  test('asks Postfix for what is needed, and leaves out what is not', () => {
    const { answer, leadingSpace, silent } = negotiate(one(greeting));
    expect(one(answer)).toEqual({ command: 'O', data: numbers(6, 0x31, 0x1cc383) });
    expect(leadingSpace).toBe(true);
    expect([...silent].sort().join('')).toBe('BLMNR');
  });

  test('asks an older server for nothing that it did not offer', () => {
    const { answer, leadingSpace, silent } = negotiate(one(packet('O', numbers(2, 0x3f, 0x7f))));
    expect(one(answer).data).toEqual(numbers(2, 0x31, 0x03));
    expect(leadingSpace).toBe(false);
    expect(silent.size).toBe(0);
  });

  test.each([
    ['another command first', packet('C', 'x\0U')],
    ['half of it', packet('O', numbers(6, 0x1ff))],
    ['a version before headers could be changed', packet('O', numbers(1, 0x1ff, 0x1fffff))],
    ['a server that lets headers not be changed', packet('O', numbers(6, 0x21, 0x1fffff))],
    ['a server that holds no mail', packet('O', numbers(6, 0x11, 0x1fffff))],
  ])('%s: no', (_, bytes) => {
    expect(() => negotiate(one(bytes))).toThrow(MilterFault);
  });
});

describe('what is told', () => {
  test.each([
    [
      'the sender without brackets',
      packet('M', '<a@b.test>\0SIZE=5\0'),
      { kind: 'mail', sender: 'a@b.test' },
    ],
    ['the empty sender', packet('M', '<>\0'), { kind: 'mail', sender: '' }],
    ['a recipient', packet('R', '<anna@host.test>\0'), { kind: 'recipient', address: 'anna@host.test' }],
    ['a header, folded', packet('L', 'To\0 a,\n\tb\0'), { kind: 'header', name: 'To', value: ' a,\n\tb' }],
    ['an empty header', packet('L', 'To\0\0'), { kind: 'header', name: 'To', value: '' }],
    ['bytes beyond ASCII', packet('L', 'A\0\xff\xfe\0'), { kind: 'header', name: 'A', value: '\xff\xfe' }],
    ['the end', packet('E'), { kind: 'end', piece: Buffer.alloc(0) }],
    ['a new connection', packet('K'), { kind: 'next connection' }],
  ])('%s', (_, bytes, said) => {
    expect(readPacket(one(bytes))).toEqual(said);
  });

  test('macros, with braces and without', () => {
    const said = readPacket(one(packet('D', 'Mi\x004AB\0{auth_authen}\0anna\0odd\0')));
    expect(said.kind === 'macros' && [said.of, Object.fromEntries(said.values)]).toEqual([
      'M',
      { i: '4AB', auth_authen: 'anna' },
    ]);
  });

  test.each([
    ['a command that there is not', packet('z')],
    ['the name of something every object has', packet('_', '_proto__\0')],
    ['a second negotiation', greeting],
    ['a sender without an end', packet('M', '<a@b.test>')],
    ['a header without a value', packet('L', 'Subject\0')],
    ['a header without a name', packet('L', '\0 x\0')],
    ['an empty header packet', packet('L')],
  ])('%s: a fault, which quotes nothing of it', (_, bytes) => {
    expect(() => readPacket(one(bytes))).toThrow(MilterFault);
    expect(() => readPacket(one(bytes))).not.toThrow(/b\.test|Subject/);
  });

  test('junk of any kind is a fault or is read, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, greet) => {
        const reader = new Packets();
        try {
          for (const each of reader.push(packet(String.fromCharCode(bytes[0] ?? 0), Buffer.from(bytes))))
            greet ? negotiate(each) : readPacket(each);
          for (const each of reader.push(Buffer.from(bytes))) readPacket(each);
        } catch (error) {
          expect(error).toBeInstanceOf(MilterFault);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what is answered', () => {
  test('a header in front, one taken away, a hold, a refusal', () => {
    expect(insertHeader('X-A', 'b', true)).toEqual(packet('i', '\0\0\0\0X-A\0 b\0'));
    expect(insertHeader('X-A', 'b', false)).toEqual(packet('i', '\0\0\0\0X-A\0b\0'));
    expect(removeHeader('X-A', 2)).toEqual(packet('m', '\0\0\0\x02X-A\0\0'));
    expect(hold('why')).toEqual(packet('q', 'why\0'));
    expect(refuseWith('550 5.7.1 No.')).toEqual(packet('y', '550 5.7.1 No.\0'));
  });

  test('no text can become a line, a packet or a format of its own', () => {
    for (const text of ['a\r\nBcc: x', 'a\nb', 'a\0b', 'ü', '', 'x'.repeat(1_000)])
      expect(() => insertHeader('X-A', text, true)).toThrow(RangeError);
    for (const line of ['550 5.7.1 100%', '250 2.0.0 fine', 'no', '550 5.7.1 a\nb'])
      expect(() => refuseWith(line)).toThrow(RangeError);
  });
});
