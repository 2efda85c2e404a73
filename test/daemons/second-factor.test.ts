/** Real ssh clients, a real sshd: the code is asked for after the right password or key, and nothing goes around it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { sshAsked } from './support/asked.ts';
import { giveKey, sftpList, ssh } from './support/clients.ts';
import { addTotp, type Factor } from './support/factor.ts';
import { missingForDaemons } from './support/host.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const password = 'seven brown foxes jump';
const panelPassword = 'the panel has its own words';
const prompt = expect.stringContaining('Verification code:');
const passwordPrompt = expect.stringContaining('assword');

describe.skipIf(missing !== undefined)('ssh with a second factor', () => {
  let site: Site;
  let factor: Factor;
  const next = () => factor.recoveryCodes.pop() ?? '';
  beforeAll(async () => {
    site = await openSite();
    await site.addAccount('ghtfrida', { ssh: password, panel: panelPassword });
    await site.addAccount('ghtgreta', { ssh: password, panel: panelPassword });
    factor = await addTotp(site, 'ghtfrida', panelPassword);
  });
  afterAll(() => site.close());

  it(
    'asks for the code after the right password, takes it once, and says so again',
    proves('ssh: second factor'),
    async () => {
      const code = factor.code();
      const first = sshAsked(site, 'ghtfrida', { password, codes: [code] });
      expect(await first.over, first.said()).toBe(0);
      expect(first.said()).toContain('came in');
      expect(first.prompts()).toEqual([passwordPrompt, prompt]);
      const replayed = sshAsked(site, 'ghtfrida', { password, codes: [code, code, code] });
      expect(await replayed.over).not.toBe(0);
      expect(replayed.said()).not.toContain('came in');
      expect(replayed.prompts()).toEqual([passwordPrompt, prompt, prompt, prompt]);
      expect(replayed.prompts()[2]).toContain('not right');
    },
  );

  it('a wrong code is asked for again, and the right one then opens', async () => {
    const client = sshAsked(site, 'ghtfrida', { password, codes: ['000000', next()] });
    expect(await client.over, client.said()).toBe(0);
    expect(client.prompts()).toHaveLength(3);
  });

  it('somebody without the password sees no code prompt, nor does a name that nobody has', async () => {
    for (const login of ['ghtfrida', 'ghtgreta', 'ghtnobody']) {
      const client = sshAsked(site, login, { password: 'not the words', codes: [next()] });
      expect(await client.over).not.toBe(0);
      expect(client.prompts(), login).toEqual([passwordPrompt]);
    }
  });

  it('an account without a second factor is not asked for one', async () => {
    const client = sshAsked(site, 'ghtgreta', { password });
    expect(await client.over, client.said()).toBe(0);
    expect(client.prompts()).toEqual([passwordPrompt]);
  });

  it.each([
    ['an empty one', ''],
    ['the password again', password],
    ['a very long one', '1'.repeat(200)],
  ])('%s is no code', async (_, code) => {
    const client = sshAsked(site, 'ghtfrida', { password, codes: [code, code, code] });
    expect(await client.over).not.toBe(0);
    expect(client.said()).not.toContain('came in');
    expect(client.prompts()).toEqual([passwordPrompt, prompt]);
  });

  it('the password method takes both in one field, and the password alone opens nothing there', async () => {
    // An account of its own: no test before it has spent the step of now.
    await site.addAccount('ghtpaula', { ssh: password, panel: panelPassword });
    const own = await addTotp(site, 'ghtpaula', panelPassword);
    const alone = ssh(site, 'ghtpaula', password, 'echo came in');
    expect(await alone.over).not.toBe(0);
    expect(alone.said()).not.toContain('came in\n');
    const wrong = ssh(site, 'ghtpaula', `${password}000000`, 'echo came in');
    expect(await wrong.over).not.toBe(0);
    const fresh = own.code();
    const both = ssh(site, 'ghtpaula', `${password}${fresh}`, 'echo came in');
    expect(await both.over, both.said() + site.agent().said().slice(-2000)).toBe(0);
    const again = ssh(site, 'ghtpaula', `${password}${fresh}`, 'echo came in');
    expect(await again.over).not.toBe(0);
  });

  it(
    'sftp, which shows one field, takes both in it, and not the password alone',
    proves('sftp: second factor'),
    async () => {
      await site.addAccount('ghtsida', { ssh: password, panel: panelPassword });
      const own = await addTotp(site, 'ghtsida', panelPassword);
      expect(await sftpList(site, 'ghtsida', password).over).not.toBe(0);
      const both = sftpList(site, 'ghtsida', `${password}${own.code()}`);
      expect(await both.over, both.said()).toBe(0);
    },
  );

  it('the person may take longer than the agent is given', async () => {
    const slow = sshAsked(site, 'ghtfrida', { password, codes: [next()] }, { typing: 6 });
    expect(await slow.over, slow.said()).toBe(0);
  });

  describe('after a key', () => {
    let strict: number;
    let lenient: number;
    const methods = ['AuthenticationMethods publickey,keyboard-interactive:pam'];
    beforeAll(async () => {
      for (const login of ['ghtfrida', 'ghtgreta']) giveKey(site, login);
      strict = await site.startSshdWith('code=prompt after_key=code', methods);
      lenient = await site.startSshdWith('code=prompt after_key=code-if-set', methods);
    });
    const byKey = (login: string, port: number, codes: string[] = [], key = login) =>
      sshAsked(site, login, { codes, password }, { port, key, method: 'publickey,keyboard-interactive' });

    it('the code alone is asked for, and the key alone opens nothing', async () => {
      const good = byKey('ghtfrida', strict, [next()]);
      expect(await good.over, good.said()).toBe(0);
      expect(good.prompts()).toEqual([prompt]);
      const wrong = byKey('ghtfrida', strict, ['000000', '000000', '000000']);
      expect(await wrong.over).not.toBe(0);
      const silent = byKey('ghtfrida', strict);
      expect(await silent.over).not.toBe(0);
      expect(wrong.said() + silent.said()).not.toContain('came in');
    });

    it('an account without a second factor comes in only where the line says so', async () => {
      const refused = byKey('ghtgreta', strict);
      expect(await refused.over).not.toBe(0);
      const good = byKey('ghtgreta', lenient);
      expect(await good.over, good.said()).toBe(0);
      expect(good.prompts()).toEqual([]);
      const asked = byKey('ghtfrida', lenient, [next()]);
      expect(await asked.over, asked.said()).toBe(0);
    });

    it("a code without the key, or with somebody else's, opens nothing", async () => {
      const foreign = byKey('ghtfrida', strict, [next()], 'ghtgreta');
      expect(await foreign.over).not.toBe(0);
      expect(foreign.prompts()).toEqual([]);
      const without = sshAsked(site, 'ghtfrida', { password, codes: [next()] }, { port: strict });
      expect(await without.over).not.toBe(0);
      expect(foreign.said() + without.said()).not.toContain('came in');
    });

    it('where sshd takes a code alone for a method of its own, the password is asked for as well', async () => {
      const careless = await site.startSshdWith('code=prompt after_key=code');
      const client = sshAsked(site, 'ghtfrida', { password: 'x', codes: [next()] }, { port: careless });
      expect(await client.over).not.toBe(0);
      expect(client.prompts()).toEqual([passwordPrompt]);
    });
  });

  it('no password and no code is in the log of the service, the agent or sshd', () => {
    const said = site.service().said() + site.agent().said() + site.sshd().said();
    expect(said).toContain('ghtfrida');
    for (const secret of [password, panelPassword, ...factor.recoveryCodes])
      expect(said).not.toContain(secret);
  });
});
