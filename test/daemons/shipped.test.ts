/** The files under deploy/ do on a real sshd what their pages promise: above all, nobody locks himself out. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { sshAsked } from './support/asked.ts';
import { giveKey, sshWithKey } from './support/clients.ts';
import { addGroup, addUser, missingForDaemons, removeGroup, removeUser } from './support/host.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const operators = 'ghtoperators';

describe.skipIf(missing !== undefined)('the shipped PAM file of sshd', () => {
  let site: Site;
  let port: number;
  let ignoring: number;
  const ofTest = (text: string) => text.replaceAll('gatehouse-operators', operators);
  beforeAll(async () => {
    site = await openSite();
    await site.addAccount('ghthugo', {});
    for (const [at, login] of ['ghtoper', 'ghtlocal'].entries()) {
      mkdirSync(`${site.folder}/home/${login}`, { recursive: true });
      addUser(login, 31_101 + at, `${site.folder}/home/${login}`);
    }
    addGroup(operators, ['ghtoper']);
    for (const login of ['ghthugo', 'ghtoper', 'ghtlocal']) giveKey(site, login);
    port = await site.startShippedSshd(ofTest);
    ignoring = await site.startShippedSshd((text) =>
      ofTest(text).replace(/^((?:account|session) .*pam_gatehouse\.so.*)$/gm, '$1 unknown=ignore'),
    );
  });
  afterAll(async () => {
    await site.close();
    removeGroup(operators);
    for (const login of ['ghtoper', 'ghtlocal']) removeUser(login);
  });

  const getsIn = async (login: string, by = port) => {
    const shell = sshWithKey(site, login, 'echo by key', by);
    const code = await shell.over;
    expect(shell.said().includes('by key')).toBe(code === 0);
    return code === 0;
  };
  const accounts = async () => {
    const page = await site.call<{ items: { login: string }[] }>('GET', '/v1/sessions?limit=200');
    return page.body.items.map(({ login }) => login);
  };

  it('lets a customer in by key as a session, and an operator of the group without one', async () => {
    expect(await getsIn('ghthugo')).toBe(true);
    expect(await getsIn('ghtoper')).toBe(true);
    expect(await accounts()).toEqual(['ghthugo']);
  });

  it('keeps a name out that Gatehouse does not know, unless it is told to ignore such', async () => {
    expect(await getsIn('ghtlocal')).toBe(false);
    expect(await getsIn('ghtlocal', ignoring)).toBe(true);
    expect(await getsIn('ghthugo', ignoring)).toBe(true);
  });

  it('with the agent stopped: operators of the group come in by key, and nobody else', async () => {
    await site.agent().end();
    expect(await getsIn('ghtoper')).toBe(true);
    expect(await getsIn('ghtoper', ignoring)).toBe(true);
    for (const by of [port, ignoring]) {
      expect(await getsIn('ghthugo', by)).toBe(false);
      expect(await getsIn('ghtlocal', by)).toBe(false);
    }
    await site.startAgent();
  });

  it('with keys from Gatehouse and codes after keys, operators still come in by their files alone', async () => {
    const [command = ''] = site.keysCommand();
    const keys = ofTest(readFileSync(`${projectRoot}/deploy/sshd/gatehouse-keys.conf`, 'utf8'))
      .replace(/^AuthorizedKeysCommand .*$/m, command)
      .replace('.ssh/authorized_keys', `${site.folder}/keys/%u`);
    writeFileSync(`${site.folder}/keys.conf`, keys);
    const methods = 'publickey,keyboard-interactive:pam password keyboard-interactive:pam';
    const strict = await site.startShippedSshd(ofTest, [
      `Include ${site.folder}/keys.conf`,
      `AuthenticationMethods ${methods}`,
    ]);
    expect(await getsIn('ghtoper', strict)).toBe(true);
    // The file of a customer is read no more.
    expect(await getsIn('ghthugo', strict)).toBe(false);
    const list = await site.call<{ items: { id: string }[] }>('GET', '/v1/accounts?login=ghthugo');
    const account = list.body.items[0]?.id ?? '';
    await site.call('PUT', `/v1/accounts/${account}/credentials/ssh`, { password: 'seven brown foxes jump' });
    const key = readFileSync(`${site.folder}/keys/ghthugo`, 'utf8');
    expect((await site.call('POST', `/v1/accounts/${account}/ssh-keys`, { key })).status).toBe(201);
    const shell = sshAsked(
      site,
      'ghthugo',
      {},
      { port: strict, key: 'ghthugo', method: 'publickey,keyboard-interactive' },
    );
    expect(await shell.over, shell.said()).toBe(0);
    await site.agent().end();
    expect(await getsIn('ghtoper', strict)).toBe(true);
    expect(await getsIn('ghthugo', strict)).toBe(false);
    await site.startAgent();
  });

  it('the snippet for sshd fits beside the sshd_config of Debian', () => {
    const debian = [
      `Include ${projectRoot}/deploy/sshd/*.conf`,
      `HostKey ${site.folder}/keys/ghthugo.private`,
      ...['KbdInteractiveAuthentication no', 'UsePAM yes', 'X11Forwarding yes', 'PrintMotd no'],
      ...['AcceptEnv LANG LC_*', 'Subsystem\tsftp\t/usr/lib/openssh/sftp-server'],
    ];
    writeFileSync(`${site.folder}/debian.conf`, `${debian.join('\n')}\n`);
    const inForce = execFileSync('/usr/sbin/sshd', ['-T', '-f', `${site.folder}/debian.conf`], {
      encoding: 'utf8',
    });
    expect(inForce).toContain('subsystem sftp /usr/lib/openssh/sftp-server');
    expect(inForce).toContain('kbdinteractiveauthentication yes');
    expect(inForce).toContain('authorizedkeyscommand /usr/libexec/gatehouse-keys %u %f');
  });
});
