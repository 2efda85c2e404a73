/** `gatehouse doctor` on a host: each thing that lets somebody past Gatehouse, or keeps all out, is named. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { extauthFault, moduleFault, pureFtpdSettings, saidBy } from '../../src/agent/hands-host.ts';
import {
  cgroupFinding,
  noServiceFinding,
  parseSshdSettings,
  serviceFindings,
  sshdFindings,
} from '../../src/agent/host-findings.ts';
import { moduleOptions, pamFindings, pamLines, stackFaults } from '../../src/agent/pam-stack.ts';
import { pureFtpdFinding } from '../../src/agent/pureftpd-finding.ts';
import { telnetdOf, telnetFindings, telnetLines } from '../../src/agent/telnet-finding.ts';
import { projectRoot } from '../support/build.ts';

const place = { pamAddress: '127.0.0.1:7422', pamKeyFile: '/etc/gatehouse/pam.key' };
const none = () => undefined;
const faults = (text: string, read: (name: string) => string | undefined = none) =>
  stackFaults(pamLines(text, read), place);

const auth = 'auth required pam_gatehouse.so';
const account = 'account required pam_gatehouse.so';
const session = 'session required pam_gatehouse.so';
const whole = [auth, account, session].join('\n');

describe('PAM files', () => {
  test.each(['sshd', 'login', 'proftpd', 'proftpd-sftp', 'vsftpd'])('deploy/pam.d/%s is in order', (name) => {
    expect(faults(readFileSync(`${projectRoot}/deploy/pam.d/${name}`, 'utf8'))).toEqual([]);
  });

  test.each([
    ['no auth line', [account, session].join('\n'), /passwords are not judged/],
    ['no account line', [auth, session].join('\n'), /though the account is suspended/],
    ['no session line', [auth, account].join('\n'), /nothing can log it off/],
    ['a sufficient auth line', whole.replace('auth required', 'auth sufficient'), /"sufficient": it must be/],
    ['an auth line that may be missing', whole.replace('auth', '-auth'), /leading -/],
    [
      'unknown names left to others where passwords alone open',
      whole.replace('account required pam_gatehouse.so', '$& channel=telnet unknown=ignore'),
      /account line .*takes nobody without a password of Gatehouse/,
    ],
    [
      'pam_unix sufficient before it',
      `auth sufficient pam_unix.so\n${whole}`,
      /pam_unix.so \(sufficient\) before/,
    ],
    [
      'a done in brackets before it',
      `auth [success=done default=ignore] pam_unix.so\n${whole}`,
      /success=done.* before its auth line/,
    ],
    ['the same in account', `account sufficient pam_permit.so\n${whole}`, /before its account line/],
    ['a session before pam_systemd', `${whole}\nsession optional pam_systemd.so`, /before pam_systemd/],
    ['another address', `${auth} agent=127.0.0.1:9\n${account}\n${session}`, /asks 127.0.0.1:9, but/],
    ['another key', `${auth} key=/tmp/k\n${account}\n${session}`, /reads \/tmp\/k, but/],
    ['a word it does not know', `${auth} tiemout=5\n${account}\n${session}`, /tiemout=.*refuses everybody/],
    ['a word without a value', `${auth} read_only\n${account}\n${session}`, /read_only=,.*refuses everybody/],
    [
      'a value it does not know',
      `${auth} encrypted=yes\n${account}\n${session}`,
      /encrypted=yes, .*always.*refuses everybody/,
    ],
    [
      'a channel of another store',
      `${auth} store=ssh channel=ftp\n${account}\n${session}`,
      /no such channel/,
    ],
    ['unknown names left to the next', `${auth} unknown=ignore\n${account}\n${session}`, /unknown names/],
  ])('%s is named', (_, text, said) => {
    const found = faults(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(said);
  });

  test('every option of the module is known, with its words, and no other', () => {
    const source = readFileSync(`${projectRoot}/pam/settings.c`, 'utf8');
    const taken = [...source.matchAll(/memcmp\(name, "(\w+)", \d+\)[\s\S]*?return (.*)/g)].map(
      ([, name = '', how = '']) => {
        const reader = /^(read_\w+)\(/.exec(how)?.[1];
        const body = new RegExp(`bool ${reader}\\([\\s\\S]*?\\n}`).exec(source)?.[0] ?? '';
        const list =
          /words\[\] = \{(.*)\}/.exec(body)?.[1] ?? (reader === 'read_choice' ? how.split('?')[0] : '');
        return [name, [...(list ?? '').matchAll(/"([^"]+)"/g)].map(([, word]) => word)] as const;
      },
    );
    expect(taken.length).toBeGreaterThan(8);
    expect(Object.fromEntries(taken)).toEqual(
      Object.fromEntries(Object.entries(moduleOptions).map(([name, words]) => [name, words ?? []])),
    );
    for (const [name, words] of Object.entries(moduleOptions)) {
      for (const word of words ?? []) {
        if (name === 'unknown' && word === 'ignore') continue;
        expect(faults(`${auth} ${name}=${word}\n${account}\n${session}`), `${name}=${word}`).toEqual([]);
      }
    }
  });

  test('what a file includes is read in its place', () => {
    const common = (name: string) =>
      name === 'common-auth'
        ? 'auth [success=1 default=ignore] pam_unix.so\nauth sufficient pam_ldap.so'
        : undefined;
    expect(faults(`@include common-auth\n${whole}`, common)[0]).toMatch(/pam_ldap.so \(sufficient\)/);
    expect(faults(`auth include common-auth\n${whole}`, common)[0]).toMatch(/pam_ldap.so/);
    expect(faults(`account include common-auth\n${whole}`, common)).toEqual([]);
    expect(faults(`@include loop\n${whole}`, () => '@include loop')).toEqual([]);
  });

  test('a host whose sshd nobody asks is told', () => {
    const found = pamFindings(new Map([['sshd', '@include common-auth']]), place, true);
    expect(found).toEqual([
      { name: 'PAM sshd', ok: false, detail: expect.stringMatching(/SSH is not guarded/) },
    ]);
    expect(pamFindings(new Map(), place, false)[0]?.ok).toBe(false);
    expect(pamFindings(new Map([['gatehouse-ftp', whole]]), place, false).map(({ ok }) => ok)).toEqual([
      true,
    ]);
  });

  test('a module that is missing, open to others or broken is named', async () => {
    expect(await moduleFault('pam_nowhere.so')).toMatch(/nowhere on this host/);
    expect(await moduleFault('/etc/hostname')).toMatch(/cannot be loaded/);
  });
});

describe('sshd', () => {
  const good =
    'usepam yes\nkbdinteractiveauthentication yes\npasswordauthentication yes\nusedns no\nclientaliveinterval 60\nlogingracetime 60\n';
  const judge = (text: string) => sshdFindings(parseSshdSettings(text));
  test('settings as shipped are well', () => expect(judge(good)).toMatchObject({ ok: true }));
  test.each([
    ['usepam yes', 'usepam no', /no session is ever opened/],
    ['kbdinteractiveauthentication yes', 'kbdinteractiveauthentication no', /no prompt/],
    ['usedns no', 'usedns yes', /a name that the client chose/],
    ['logingracetime 60', 'logingracetime 10', /too short/],
    ['clientaliveinterval 60', 'clientaliveinterval 0', /until its idle end/],
    ['usedns no', 'usedns no\npermitemptypasswords yes', /PermitEmptyPasswords/],
  ])('%s → %s is named', (from, to, said) => {
    expect(judge(good.replace(from, to))).toMatchObject({ ok: false, detail: expect.stringMatching(said) });
  });
});

describe('the service', () => {
  const answer = {
    server_time: '2026-01-01T00:00:00.000Z',
    service_version: '1.2.3',
    scopes: ['agent', 'authenticate'],
    bound_host: 'web1',
    agent: { version: '1.2.3', last_contact_at: '2026-01-01T00:00:00.000Z', connected: true },
    taken: false,
  };
  const at = Date.parse(answer.server_time);
  const judge = (change: Partial<typeof answer> | { agent: null }, askedAt = at) =>
    serviceFindings({ answer: { ...answer, ...change }, askedAt, tookMs: 10 }, '1.2.3').filter(
      ({ ok }) => !ok,
    );

  test('all well is well', () => expect(judge({})).toEqual([]));
  test.each([
    ['key', judge({ scopes: ['agent'] }), /lacks the scope authenticate/],
    ['clock', judge({}, at - 5_000), /-5000 ms ahead/],
    ['release', judge({ service_version: '2.0.0' }), /bring both to one release/],
    ['agent', judge({ agent: null }), /never heard/],
    ['agent', judge({ agent: { ...answer.agent, connected: false } }), /nobody can log in/],
    ['agent', judge({ agent: { ...answer.agent, version: '1.0.0' } }), /restart it/],
    ['agent', judge({ taken: true }), /another machine/],
    ['key', [noServiceFinding(401, '')], /does not take it/],
    ['key', [noServiceFinding(403, '')], /may not speak for this host/],
    ['service', [noServiceFinding(undefined, 'ECONNREFUSED')], /ECONNREFUSED.*no login is let in/],
  ])('%s: %#', (name, found, said) => {
    expect(found).toEqual([{ name, ok: false, detail: expect.stringMatching(said) }]);
  });
});

describe('cgroups', () => {
  const well = { mount: '/c', root: '/c/gatehouse', fault: undefined, hasKill: true, delegated: undefined };
  test('in place', () => expect(cgroupFinding(well).ok).toBe(true));
  test.each([
    [{ ...well, mount: undefined }, /not_proven/],
    [{ ...well, fault: 'EROFS' }, /EROFS/],
    [{ ...well, delegated: false }, /Delegate=yes/],
  ])('%#', (look, said) => {
    expect(cgroupFinding(look)).toMatchObject({ ok: false, detail: expect.stringMatching(said) });
  });
});

describe('Pure-FTPd', () => {
  let directory: string;
  const socket = '/run/gatehouse-agent/pure-ftpd.sock';
  const well = { ExtAuth: socket, NoAnonymous: 'yes', PAMAuthentication: 'no', MinUID: '1000' };
  /** As Debian keeps it: `conf` by name, and links to some of them. */
  const look = (
    conf: Record<string, string>,
    links: Record<string, string>,
    silence?: string,
    at?: string,
  ) => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-pure-'));
    for (const part of ['conf', 'auth']) mkdirSync(`${directory}/${part}`);
    for (const [name, text] of Object.entries(conf))
      writeFileSync(`${directory}/conf/${name}`, `# \n${text}\n`);
    for (const [name, to] of Object.entries(links)) symlinkSync(`../conf/${to}`, `${directory}/auth/${name}`);
    const settings = pureFtpdSettings(directory);
    rmSync(directory, { recursive: true });
    return settings && pureFtpdFinding(settings, at ?? socket, silence);
  };

  test('that asks the agent alone is in order, also with a backend that is switched off', () => {
    expect(
      look(well, { '50extauth': 'ExtAuth', '70pam': 'PAMAuthentication', '80gone': 'PureDB' }),
    ).toMatchObject({ ok: true });
    expect(pureFtpdSettings('/nowhere')).toBeUndefined();
  });

  test.each([
    ['asks nobody', well, {}, /does not ask Gatehouse/],
    [
      'asks PAM as well',
      { ...well, PAMAuthentication: 'yes' },
      { '1': 'ExtAuth', '2': 'PAMAuthentication' },
      /asks PAMAuthentication as well/,
    ],
    [
      'asks a file of its own first',
      { ...well, PureDB: '/etc/x.pdb' },
      { '1': 'PureDB', '2': 'ExtAuth' },
      /asks PureDB as well/,
    ],
    ['lets strangers in', { ...well, NoAnonymous: 'no' }, { '1': 'ExtAuth' }, /strangers/],
    ['asks somewhere else', { ...well, ExtAuth: '/run/other' }, { '1': 'ExtAuth' }, /names \/run\/other/],
  ])('that %s is told', (_, conf, links, said) => {
    const found = look(conf, links as Record<string, string>);
    expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(said) });
  });

  test('whose agent does not answer is told', async () => {
    expect(await extauthFault('/run/no-such.sock')).toMatch(
      /nobody answers at \/run\/no-such.sock \(.*ENOENT/,
    );
    expect(look(well, { '1': 'ExtAuth' }, 'nobody answers')).toMatchObject({ ok: false });
  });
});

describe('telnet', () => {
  const deployed = (name: string) => readFileSync(`${projectRoot}/deploy/${name}`, 'utf8');
  const file = deployed('inetd/telnet.conf');
  const line = telnetLines([file])[0] ?? '';
  const guarded = new Map([['login', deployed('pam.d/login')]]);
  const remote = whole.replaceAll('.so', '.so store=ssh channel=telnet door=first');
  const debian = { telnetds: ['  --accept-env=NAME  accept the environment variable'], login: '' };
  const said = (text: string, pam: ReadonlyMap<string, string> = guarded, programs = debian) =>
    telnetFindings(telnetLines([text]), pam, programs).map(({ ok, detail }) => (ok ? '' : detail));

  test('is in order as shipped, and nothing is said where nobody starts one', () => {
    expect(said(file)).toEqual(['']);
    expect(said('# 127.0.0.1:telnet stream tcp4 nowait root /usr/sbin/telnetd telnetd\n')).toEqual([]);
    expect(telnetdOf(line)).toBe('/usr/sbin/telnetd');
    expect(telnetdOf(line.replace('/usr/sbin/telnetd', '/usr/sbin/tcpd /usr/sbin/in.telnetd'))).toBe(
      '/usr/sbin/in.telnetd',
    );
  });

  test.each([
    ['open to the network', line.replace('127.0.0.1:', ''), /to others than this host/],
    ['on every address', line.replace('127.0.0.1:', '*:'), /to others than this host/],
    ['without a login of its own', line.replace(/-E .*/, ''), /reaches the arguments of login/],
    ['with variables of the client', line.replace(' -E', ' --accept-env=USER -E'), /--accept-env/],
    ['with variables of the client, cut short', line.replace(' -E', ' --ac=USER -E'), /--accept-env/],
    ['with the name that the client sends', line.replace('-h localhost', '-h localhost %U'), /%u, %U/],
    ['with a name that may be sent', line.replace('-h localhost', '%?u{-h x}{-h y}'), /%u, %U/],
    ['that keeps variables', line.replace('-h localhost', '-p -h localhost'), /-p or -f/],
    ['that asks for no password', line.replace('-h localhost', '-h localhost -f root'), /-p or -f/],
    ['that does both', line.replace(/-E .*/, '--exec="/bin/login -pf root"'), /-p or -f/],
  ])('%s is named', (_, text, fault) => {
    expect(said(text)).toEqual([expect.stringMatching(fault)]);
  });

  test('ATTACK: a login that does not ask under the name by which it is asked is named', () => {
    const [head = '', tail = ''] = deployed('pam.d/login').split(/^session .*pam_gatehouse.*$/m);
    const unguarded: [string, string][][] = [
      [],
      [['login', head + tail]],
      [['login', whole]],
      // Debian 12's login asks as `login`, whatever stands in the other file.
      [['remote', remote]],
      [...guarded, ['remote', 'auth required pam_unix.so']],
    ];
    for (const pam of unguarded)
      expect(said(line, new Map(pam))).toEqual([expect.stringMatching(/not judged by Gatehouse/)]);
    const utilLinux = { ...debian, login: 'login from util-linux 2.41' };
    expect(said(line, guarded, utilLinux)).toEqual([expect.stringMatching(/pam\.d\/remote does not name/)]);
    expect(said(line, new Map([...guarded, ['remote', remote]]), utilLinux)).toEqual(['']);
    expect(said(line, new Map([...guarded, ['other', remote]]), utilLinux)).toEqual(['']);
  });

  test('a door that is asked after the password, and a telnetd that clients can break, are named', () => {
    const late = new Map([['login', deployed('pam.d/login').replace(' door=first', '')]]);
    expect(said(line, late)).toEqual([expect.stringMatching(/no door=first/)]);
    for (const help of ['', '-E, --exec-login=STRING'])
      expect(said(line, guarded, { ...debian, telnetds: [help] })).toEqual([
        expect.stringMatching(/2:2\.4-2\+deb12u3/),
      ]);
  });

  test.skipIf(!existsSync('/usr/sbin/telnetd'))(
    'programs are heard, and one that is not there says nothing',
    async () => {
      expect(await saidBy('/usr/sbin/telnetd', '--help')).toContain('--accept-env');
      expect(await saidBy('/usr/sbin/telnetd-of-nobody', '--help')).toBe('');
    },
  );
});
