/** What a session is called decides which logoffs reach it: a shell cannot pass for file transfer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveKey, sshWithKey, trusting } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { start, until } from './support/processes.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const busy = 'echo up; while :; do sleep 1; echo tick; done';

describe.skipIf(missing !== undefined)('the channel of an ssh session', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
    for (const login of ['ghtfern', 'ghtglen']) {
      await site.addAccount(login, {});
      giveKey(site, login);
    }
  });
  afterAll(() => site.close());

  const channels = async (login: string) =>
    (await site.live(`&login=${login}`)).map(({ channel }) => channel);
  const end = async () => {
    await site.call('POST', '/v1/sessions/end', { select: { store: 'ssh' }, reason: 'test' });
    await until(async () => (await site.live()).length === 0, 'all to be over');
  };

  it.each([
    ['bears the name of sftp-server', `cp /bin/bash ./sftp-server; exec ./sftp-server -c '${busy}'`],
    [
      'bears a title of sshd',
      `cp /bin/bash ./sshd; exec -a 'sshd: ghtfern@internal-sftp' ./sshd -c '${busy}'`,
    ],
    [
      'hides as a relay of sshd beside the real sftp-server',
      `sleep 600 | /usr/lib/openssh/sftp-server & cp /bin/bash ./sshd; exec -a 'sshd: ghtfern' ./sshd -c '${busy}'`,
    ],
    ['runs the real sftp-server beside it', `sleep 600 | /usr/lib/openssh/sftp-server & ${busy}`],
  ])('stays ssh for a shell that %s', async (_, command) => {
    const shell = sshWithKey(site, 'ghtfern', command);
    await shell.says(/up/);
    // Sessions are measured together: once this later one is seen for what it is, the shell was looked at too.
    sshWithKey(site, 'ghtglen', '/usr/lib/openssh/sftp-server');
    await until(async () => (await channels('ghtglen'))[0] === 'sftp', 'the real one to be seen as sftp');
    expect(await channels('ghtfern')).toEqual(['ssh']);
    await end();
  });

  it('is ssh again when a shell joins an sftp session on the same connection', async () => {
    const to = ['-S', `${site.folder}/master`, '-p', String(site.sshPort), 'ghtfern@127.0.0.1'];
    start('ssh', ['-M', ...trusting, '-i', `${site.folder}/keys/ghtfern.private`, ...to, '-s', 'sftp']);
    await until(async () => (await channels('ghtfern'))[0] === 'sftp', 'it to be sftp');
    const shell = start('ssh', [...to, busy]);
    await shell.says(/up/);
    await until(async () => (await channels('ghtfern'))[0] === 'ssh', 'it to be ssh again');
    expect(await channels('ghtfern')).toHaveLength(1);
    await end();
  });
});
