/** Files as other panels write them, line by line: what comes in, what is refused and why, what attackers put there. */
import { describe, expect, test } from 'vitest';
import { importFormatNamed, importFormats } from '../../../src/domain/imports/index.ts';
import { type GoodRow, judgeRow } from '../../../src/domain/imports/judge-row.ts';
import { ours, schemeVectors } from '../../hashing/scheme-vectors.ts';

const today = 20_000;
const vector = (scheme: string) =>
  schemeVectors.find((each) => each.scheme === scheme && each.password === ours)?.hash ?? '';
const sixteen = vector('sha512-crypt');
const argon2id = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';

/** What becomes of each line: a good row, a sentence, or `ignored`. */
function read(name: string, ...lines: string[]): (GoodRow | string)[] {
  const reader = importFormatNamed(name)?.open();
  if (reader === undefined) throw new Error(name);
  return lines.map((line) => {
    const parsed = reader(line);
    if ('ignored' in parsed) return 'ignored';
    if ('refused' in parsed) return parsed.refused;
    const judged = judgeRow(parsed.row, today);
    return 'refused' in judged ? judged.refused : judged;
  });
}
const one = (name: string, ...lines: string[]) => read(name, ...lines).at(-1);

/** Per format: a hit, a miss with its reason, an attacker's or clumsy text. */
const fixtures: Record<string, { hits: [string, object][]; misses: [string, RegExp | 'ignored'][] }> = {
  shadow: {
    hits: [
      [
        `alice:${vector('yescrypt')}:19000:0:99999:7:::`,
        { login: 'alice', scheme: 'yescrypt', locked: false, needs: 'crypt' },
      ],
      ['bob:!:19000:0:99999:7:::', { login: 'bob', scheme: 'none', hash: '!', locked: true }],
      [`carol:!${sixteen}:19000::::::`, { scheme: 'sha512-crypt', hash: sixteen, locked: true }],
      [`dora:!!${sixteen}:19000::::::`, { hash: sixteen, locked: true }],
      ['eve:*:19000::::::', { scheme: 'none', locked: true }],
      ['frank::19000::::::', { scheme: 'none', locked: true }],
      [`gone:${sixteen}:19000:0:99999:7::19999:`, { locked: true, hash: sixteen }],
      [`here:${sixteen}:19000:0:99999:7::20001:`, { locked: false }],
      [`jail:*LOCKED*${sixteen}:::::::`, { locked: true, hash: sixteen }],
      ['mystery:!$9$what$ever:::::::', { locked: true, scheme: 'none', hash: '!' }],
    ],
    misses: [
      ['root:*:19000:0:99999:7:::', /belongs to the system/],
      ['+:::::::::', /10 fields/],
      ['+::::::::', /NIS/],
      ['-mallory::::::::', /NIS/],
      ['alice', /1 fields/],
      [`bad name:${sixteen}:::::::`, /The login must be/],
      [`alice:$6$rounds=999999999$x$${'a'.repeat(86)}:::::::`, /rounds of SHA-crypt must be 1000 to 1000000/],
      ['alice:hunter2:::::::', /Unknown scheme/],
      ['', 'ignored'],
      ['# a comment', 'ignored'],
    ],
  },
  passwd: {
    hits: [
      [
        `web1:${vector('md5-crypt')}:5004:5005:Web:/var/www/web1:/bin/false`,
        {
          scheme: 'md5-crypt',
          weak: expect.stringContaining('MD5'),
          unix: { uid: 5004, gid: 5005, home: '/var/www/web1', shell: '/bin/false' },
        },
      ],
      ['unix:x:1000:1000::/home/unix:/bin/bash', { locked: true, unix: { uid: 1000 } }],
      [`user@example.net:${vector('des')}:2001:2001::/home/x:`, { login: 'user@example.net', scheme: 'des' }],
      [`toor:${sixteen}:0:0::/root:/bin/bash`, { unix: undefined }],
      [`nob:${sixteen}:65534:65534::/home/nob:/bin/bash`, { unix: undefined }],
      [`group:${sixteen}:1001:0::/home/x:/bin/bash`, { unix: undefined }],
      [`up:${sixteen}:1001:1001::/home/../../etc:/bin/bash`, { unix: undefined }],
      [`big:${sixteen}:4294967296:1001::/home/x:/bin/bash`, { unix: undefined }],
      [`minus:${sixteen}:-1:1001::/home/x:/bin/bash`, { unix: undefined }],
    ],
    misses: [
      ['daemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin', /belongs to the system/],
      [`web1:${sixteen}:5004:5005:Web:/var/www/web1`, /6 fields/],
      ['+@netgroup::::::', /NIS/],
      [`wéb:${sixteen}:5004:5005:Web:/var/www/web1:/bin/false`, /The login must be/],
      ['   ', 'ignored'],
    ],
  },
  pureftpd: {
    hits: [
      [
        `ann:${sixteen}:2001:2001::/home/ftp/ann/./::::::::::::`,
        { login: 'ann', unix: { uid: 2001, home: '/home/ftp/ann' } },
      ],
      [`bea:${argon2id}:2001:2001::/home/ftp/bea:::::::::::::`, { scheme: 'argon2id', needs: 'argon2' }],
      ['cid:*:2001:2001::/home/ftp/cid::::::::::::', { locked: true, scheme: 'none' }],
      ['dan::2001:2001::/home/ftp/dan::::::::::::', { locked: true }],
    ],
    misses: [
      [`ann:${sixteen}:2001:2001::/home/ftp/ann::::::::::::::`, /20 fields/],
      [`ann:${sixteen}`, /2 fields/],
      [`../ann:${sixteen}:2001:2001::/home/ftp/ann::::::::::::`, /The login must be/],
    ],
  },
  htpasswd: {
    hits: [
      [`ann:${vector('apr1')}`, { scheme: 'apr1' }],
      [`bea:${vector('sha1')}`, { scheme: 'sha1', weak: expect.stringMatching(/without a salt/) }],
      [`cid:${vector('bcrypt')}:a remark`, { scheme: 'bcrypt', weak: undefined }],
      [`Dan:${vector('des')}`, { login: 'dan', weak: expect.stringMatching(/first 8 characters/) }],
    ],
    misses: [
      ['ann', /1 fields/],
      ['ann:realm:8743b52063cd84097a65d1633f5c74f5', /htdigest/],
      ['ann:plain text', /Unknown scheme/],
      ['ann:*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19', /MySQL/],
    ],
  },
  dovecot: {
    hits: [
      [`ann@example.net:{BLF-CRYPT}${vector('bcrypt')}:5000:5000::/var/mail/ann::`, { scheme: 'bcrypt' }],
      [`bea@example.net:{SSHA256}${vector('ssha256').slice(9)}`, { scheme: 'ssha256' }],
      [
        `cid@example.net:{MD5}${vector('md5-crypt')}::::::userdb_quota_rule=*:storage=1G`,
        { scheme: 'md5-crypt' },
      ],
      [`dan@example.net:{ARGON2ID}${argon2id}::::::nologin`, { scheme: 'argon2id', locked: true }],
      [`eve@example.net:${sixteen}`, { scheme: 'sha512-crypt', locked: false }],
      [`eva@example.net:!{SHA512-CRYPT}${sixteen}`, { scheme: 'sha512-crypt', locked: true }],
      ['fay@example.net:', { locked: true, scheme: 'none' }],
    ],
    misses: [
      ['ann@example.net:{PLAIN}secret', /clear text/],
      ['ann@example.net:{SCRAM-SHA-256}4096,x,y,z', /Unknown scheme/],
      ['ann@example.net', /1 fields/],
    ],
  },
  csv: {
    hits: [
      [`ann,${sixteen},ann@example.net`, { email: 'ann@example.net', scheme: 'sha512-crypt' }],
      [`bea,${vector('md5')}`, { scheme: 'md5', email: undefined }],
      [`"cid","${argon2id}",`, { scheme: 'argon2id', email: undefined }],
      [`dan,${vector('cyberpanel')}`, { scheme: 'cyberpanel' }],
      ['eve,!,', { locked: true }],
      ['fay,', { locked: true }],
    ],
    misses: [
      [`bea,${argon2id}`, /commas in it, as Argon2 has, needs quotes/],
      [`ann,${sixteen},not an address`, /e-mail/],
      [`"ann,${sixteen}`, /quotes do not close/],
      [`an"n,${sixteen}`, /quotes do not close/],
      ['ann', /needs a login and a hash/],
      ['"ann"",x"",",hash', /The login must be/],
      ['=cmd(),hash', /The login must be/],
      ['', 'ignored'],
    ],
  },
  ndjson: {
    hits: [
      [
        JSON.stringify({ login: 'ann', hash: sixteen, email: 'a@example.net', account: 'anns' }),
        { login: 'ann', account: 'anns', accountSaid: true },
      ],
      [
        JSON.stringify({
          login: 'bea',
          hash: sixteen,
          locked: true,
          unix: { uid: 2001, gid: 2001, home: '/home/b' },
        }),
        { locked: true, unix: { uid: 2001, gid: 2001, home: '/home/b', shell: undefined } },
      ],
      [JSON.stringify({ login: 'cid', hash: sixteen, email: null }), { email: undefined, locked: false }],
      [JSON.stringify({ login: 'dan', hash: sixteen, locked: 1 }), { locked: true }],
      [JSON.stringify({ login: 'eve', hash: sixteen, locked: 0 }), { locked: false }],
    ],
    misses: [
      ['{"login":"ann"', /not JSON/],
      ['["ann","x"]', /Not a row/],
      ['null', /Not a row/],
      [JSON.stringify({ login: 'ann' }), /Not a row: hash/],
      [JSON.stringify({ login: 'ann', hash: sixteen, locked: 'no' }), /Not a row/],
      [JSON.stringify({ login: 'ann', hash: sixteen, role: 'admin' }), /a field that is not known/],
      [`{"__proto__":{"locked":false},"login":"ann","hash":"x"}`, /Not a row|Unknown scheme/],
      [
        JSON.stringify({ login: 'ann', hash: sixteen, unix: { uid: 0, gid: 0, home: '/root' } }),
        /1000 or more/,
      ],
      [JSON.stringify({ login: 'ann', hash: sixteen, account: 'root' }), /belongs to the system/],
      [JSON.stringify({ login: 'ann\0', hash: sixteen }), /The login must be/],
      ['', 'ignored'],
    ],
  },
};

test('every format has fixtures', () => {
  expect(Object.keys(fixtures).sort()).toEqual(importFormats.map(({ name }) => name).sort());
});

describe.each(Object.entries(fixtures))('%s', (name, { hits, misses }) => {
  test.each(hits)('comes in: %s', (line, expected) => {
    expect(one(name, line)).toMatchObject(expected);
  });

  test.each(misses)('does not: %s', (line, why) => {
    expect(one(name, line)).toEqual(why === 'ignored' ? why : expect.stringMatching(why));
  });
});

describe('csv with a heading', () => {
  test('columns go by name, in any order; others are left behind', () => {
    const [heading, row] = read(
      'csv',
      'Email,id,Hash,LOGIN,account',
      `a@example.net,17,"${argon2id}",ann,anna`,
    );
    expect(heading).toBe('ignored');
    expect(row).toMatchObject({ login: 'ann', account: 'anna', email: 'a@example.net', scheme: 'argon2id' });
  });

  test('a first line without those names is a row, later ones are never headings', () => {
    expect(one('csv', `ann,${sixteen}`)).toMatchObject({ login: 'ann' });
    expect(one('csv', `ann,${sixteen}`, 'login,hash')).toMatch(/Unknown scheme/);
  });
});

test('no reason quotes a hash or a password', () => {
  const secret = 'correct-horse-battery';
  for (const { name } of importFormats) {
    const line =
      {
        csv: `ann,${secret}`,
        ndjson: JSON.stringify({ login: 'ann', hash: secret }),
      }[name] ?? `ann:${secret}:2001:2001::/home/x:`;
    const [said] = read(name, line);
    expect(said, name).toEqual(expect.any(String));
    expect(said).not.toContain(secret);
  }
});

test('a file whose weak rows are many: the sentence names the weakness', () => {
  for (const { scheme, hash } of schemeVectors) {
    const judged = one('csv', `ann,"${hash}"`);
    expect(judged).toMatchObject({ scheme, hash });
  }
});
