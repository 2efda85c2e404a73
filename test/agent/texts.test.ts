import { describe, expect, test } from 'vitest';
import { doors, type ProcessRow } from '../../src/agent/doors/index.ts';
import {
  parseCgroupMount,
  parseCgroupPath,
  parsePopulated,
  parseSockets,
  parseStat,
  parseUids,
  parseUnixPeers,
  ptsNumber,
} from '../../src/agent/proc-text.ts';
import { EventStreamParser } from '../../src/agent/sse.ts';

describe('the kernel about a process', () => {
  const tail = (tty: number, start: string) =>
    `S 6 7 8 ${tty} -1 4194304 75 0 0 0 0 0 0 0 20 0 1 0 ${start} 3133440 407 184467 0 0`;
  test.each([
    ['plain', '12 (bash)', 'bash'],
    ['spaces', '12 (my prog x)', 'my prog x'],
    [
      'a forged tail',
      `12 (x) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 999)`,
      'x) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 999',
    ],
  ])('a process name with %s hides nothing', (_, head, comm) => {
    expect(parseStat(`${head} ${tail(34816, '144256')}\n`)).toEqual({
      comm,
      state: 'S',
      parent: 6,
      tty: 34816,
      start: '144256',
    });
  });

  test('what is no stat line is none', () => {
    expect(parseStat('')).toBe(undefined);
    expect(parseStat('12 (bash) S 1')).toBe(undefined);
  });

  test.each([
    [34816, 0],
    [34816 + 7, 7],
    [(136 << 8) | 0x2c | (0x1 << 20), 300],
    [0, undefined],
    [1025, undefined],
  ])('terminal device %i is pts %s', (device, pts) => {
    expect(ptsNumber(device)).toBe(pts);
  });

  test('uids, cgroups and mounts', () => {
    expect(parseUids('Name:\tx\nUid:\t0\t65534\t0\t65534\nGid:\t1\t1\t1\t1\n')).toEqual([0, 65534, 0, 65534]);
    expect(parseCgroupPath('9:name=systemd:/x\n0::/gatehouse/ses_a\n')).toBe('/gatehouse/ses_a');
    expect(parseCgroupPath('0::/gatehouse/ses_a (deleted)\n')).toBe(undefined);
    expect(parseCgroupMount('cgroup /c/cpu cgroup rw 0 0\ncgroup2 /c/unified cgroup2 rw 0 0\n')).toBe(
      '/c/unified',
    );
    expect(parseCgroupMount('cgroup /c/cpu cgroup rw 0 0\n')).toBe(undefined);
    expect(parsePopulated('populated 1\nfrozen 0\n')).toBe(true);
    expect(parsePopulated('')).toBe(undefined);
  });
});

test('ss: a time of 0 is left out by it, and means just now', () => {
  const output = [
    'ESTAB 0      0      127.0.0.1:22 127.0.0.1:44829 ino:13385 sk:1 cgroup:/ <->',
    '\t ts sack bbr wscale:10,10 rto:200 rtt:0.027/0.013 lastsnd:1512 lastrcv:12 lastack:1512 minrtt:0.027',
    'ESTAB 0 0 [::ffff:192.0.2.1]:21 [::ffff:192.0.2.7]:50000 timer:(keepalive,1min,0) uid:33 ino:7 sk:2 <->',
    '\t cubic rto:204 bytes_sent:90 bytes_acked:70 lastsnd:5 lastack:1',
    'ESTAB 0 0 [fe80::1]%eth0:2222 [fe80::2]:50001 ino:8 sk:5 <->',
    '\t cubic rto:204 lastsnd:5 lastrcv:6 lastack:1',
    'TIME-WAIT 0 0 127.0.0.1:1 127.0.0.1:2 ino:0 sk:3',
    'ESTAB 0 0 127.0.0.1:3 127.0.0.1:4 ino:9 sk:4',
  ].join('\n');
  expect(Object.fromEntries(parseSockets(output))).toEqual({
    13385: {
      ...{ receivedAgoMs: 12, sentAgoMs: 1512, sentBytes: 0 },
      ...{ local: '127.0.0.1', localPort: 22, peer: '127.0.0.1', peerPort: 44829 },
    },
    7: {
      ...{ receivedAgoMs: 0, sentAgoMs: 5, sentBytes: 70 },
      ...{ local: '192.0.2.1', localPort: 21, peer: '192.0.2.7', peerPort: 50000 },
    },
    8: {
      ...{ receivedAgoMs: 6, sentAgoMs: 5, sentBytes: 0 },
      ...{ local: 'fe80::1', localPort: 2222, peer: 'fe80::2', peerPort: 50001 },
    },
  });
});

describe('sessions are recognised by their daemons alone', () => {
  const root = [0, 0, 0, 0];
  const user = [1000, 1000, 1000, 1000];
  const row = (pid: number, parent: number, uids: number[], program: string, title: string): ProcessRow => ({
    ...{ pid, parent, uids, title, start: '1' },
    program: program.startsWith('/') ? program : `/usr/sbin/${program}`,
  });
  const ftpDaemon = row(20, 1, [0, 65534, 0, 65534], 'proftpd', 'proftpd: (accepting connections)');
  const vsListener = row(30, 1, root, 'vsftpd', 'vsftpd: LISTENER');
  const cases: [string, ProcessRow[], object[]][] = [
    [
      'sshd with a shell',
      [
        row(10, 9, root, 'sshd', 'sshd: alice [priv]'),
        row(11, 10, user, 'sshd', 'sshd: alice@pts/0'),
        row(12, 11, user, '/usr/bin/bash', '-bash'),
      ],
      [{ pid: 10, login: 'alice' }],
    ],
    [
      'sshd whose file was upgraded',
      [
        row(10, 9, root, '/usr/sbin/sshd (deleted)', 'sshd: web@example.test [priv]'),
        row(11, 10, user, '/usr/sbin/sshd (deleted)', 'sshd: web@example.test@notty'),
      ],
      [{ pid: 10, login: 'web@example.test' }],
    ],
    [
      'sshd still at the password',
      [row(10, 9, root, 'sshd', 'sshd: alice [priv]'), row(11, 10, user, 'sshd', 'sshd: alice [net]')],
      [],
    ],
    [
      'a customer who calls himself a monitor',
      [
        row(10, 9, user, '/usr/sbin/sshd', 'sshd: bob [priv]'),
        row(11, 10, user, '/usr/sbin/sshd', 'sshd: bob@pts/0'),
        row(12, 9, root, '/home/x/sshd', 'sshd: bob [priv]'),
        row(13, 12, user, '/home/x/sshd', 'sshd: bob@pts/0'),
      ],
      [],
    ],
    [
      'proftpd',
      [ftpDaemon, row(21, 20, user, 'proftpd', 'proftpd: web@example.test - 192.0.2.7: IDLE')],
      [{ pid: 21, login: 'web@example.test', sourceIp: '192.0.2.7' }],
    ],
    [
      'proftpd before the password, with a name chosen to look like a session',
      [ftpDaemon, row(21, 20, root, 'proftpd', 'proftpd: 192.0.2.7:4000: USER bob - 1.2.3.4: IDLE')],
      [],
    ],
    [
      'mod_sftp before the password',
      [ftpDaemon, row(21, 20, root, 'proftpd', 'proftpd: (authenticating) - 192.0.2.7: IDLE')],
      [],
    ],
    [
      'a proftpd that no daemon started',
      [ftpDaemon, row(21, 5, user, 'proftpd', 'proftpd: bob - 192.0.2.7: IDLE')],
      [],
    ],
    [
      'vsftpd: the root parent is the session',
      [
        vsListener,
        row(31, 30, root, 'vsftpd', 'vsftpd: 192.0.2.7: connected'),
        row(32, 31, user, 'vsftpd', 'vsftpd: 192.0.2.7/alice: IDLE'),
      ],
      [{ pid: 31, login: 'alice', sourceIp: '192.0.2.7' }],
    ],
    [
      'dovecot: IMAP in a command, POP3, and neither the login process nor one of several connections',
      [
        row(40, 1, root, 'dovecot', '/usr/sbin/dovecot'),
        row(41, 40, user, '/usr/lib/dovecot/imap', 'dovecot/imap [web@example.test 192.0.2.7 FETCH]'),
        row(42, 40, user, '/usr/lib/dovecot/pop3', 'dovecot/pop3 [bob 2001:db8::1]'),
        row(43, 40, user, '/usr/lib/dovecot/imap-login', 'dovecot/imap-login [192.0.2.7 TLS proxy]'),
        row(44, 40, user, '/usr/lib/dovecot/imap', 'dovecot/imap [2 connections]'),
      ],
      [
        { pid: 41, login: 'web@example.test', sourceIp: '192.0.2.7', channel: 'imap' },
        { pid: 42, login: 'bob', sourceIp: '2001:db8::1', channel: 'pop3' },
      ],
    ],
    [
      'a customer who calls himself a mail process',
      [
        row(40, 1, root, 'dovecot', '/usr/sbin/dovecot'),
        row(45, 9, user, '/usr/lib/dovecot/imap', 'dovecot/imap [bob 192.0.2.7]'),
        row(46, 40, user, '/home/x/imap', 'dovecot/imap [bob 192.0.2.7]'),
      ],
      [],
    ],
    [
      'vsftpd: never the listener',
      [vsListener, row(32, 30, user, 'vsftpd', 'vsftpd: 192.0.2.7/alice: IDLE')],
      [],
    ],
  ];
  test.each(cases)('%s', (_, rows, found) => {
    expect(doors.flatMap((door) => door.find(rows))).toEqual(found);
  });

  test('pure-ftpwho: who is in by its pid, and nothing that a client chose to call a file', () => {
    const { list } = doors.find(({ name }) => name === 'pure-ftpd') ?? {};
    const rows = [41, 42, 43, 44].map((pid) => row(pid, 40, user, 'pure-ftpd', 'pure-ftpd (IDLE)'));
    const output = [
      '41|web@example.test|12|DL|a|42|bob|x|192.0.2.7|127.0.0.1|21|1|2|3|4',
      '42|?|0|IDLE||192.0.2.7|127.0.0.1|21|0|0|0|0',
      '43|shop@example.test|3|IDLE||192.0.2.7|127.0.0.1|21|0|0|0|0',
      '99|alice|3|IDLE||192.0.2.7|127.0.0.1|21|0|0|0|0',
      '44||3|IDLE||192.0.2.7|127.0.0.1|21|0|0|0|0',
      'Statistics',
      '',
    ];
    const others = row(99, 1, root, '/home/x/pure-ftpd', 'pure-ftpd (IDLE)');
    expect(list?.read(output.join('\n'), [...rows, others])).toEqual([
      { pid: 41, login: 'web@example.test' },
      { pid: 43, login: 'shop@example.test' },
    ]);
  });
});

describe('the stream of orders', () => {
  const stream =
    ': beat\r\n\r\nevent: order\r\ndata: {"a":\r\ndata: 1}\r\n\nevent: ready\rdata: {}\r\rid: 7\nretry: 9\ndata:x\n\nevent: empty\n\n: beat\n\ndata: cut off';
  const events = [
    { event: 'order', data: '{"a":\n1}' },
    { event: 'ready', data: '{}' },
    { event: 'message', data: 'x' },
  ];

  test('is read the same however it is cut', () => {
    for (let size = 1; size <= stream.length; size++) {
      const parser = new EventStreamParser();
      const read = [];
      for (let at = 0; at < stream.length; at += size) read.push(...parser.feed(stream.slice(at, at + size)));
      expect(read, `cut every ${size}`).toEqual(events);
    }
  });

  test('cannot fill the memory', () => {
    const line = new EventStreamParser();
    const many = new EventStreamParser();
    const piece = 'x'.repeat(100_000);
    expect(() => {
      for (let i = 0; i < 50; i++) line.feed(piece);
    }).toThrow(RangeError);
    expect(() => {
      for (let i = 0; i < 50; i++) many.feed(`data: ${piece}\n`);
    }).toThrow(RangeError);
  });
});

test('ends of Unix sockets, whatever their paths are', () => {
  const output = [
    'u_str ESTAB  116    0      /run/a 1311766 * 1310963',
    'u_str ESTAB  0      0      /run/with space 7 * 8 9 * 10',
    'u_str ESTAB  0      0      * 1310963 * 1311766',
    'u_str LISTEN 0      511    /run/a 5 * 0',
    'u_dgr UNCONN 0      0      * 6 * 12',
  ].join('\n');
  expect([...parseUnixPeers(output)]).toEqual([
    ['1311766', '1310963'],
    ['9', '10'],
    ['1310963', '1311766'],
  ]);
});
