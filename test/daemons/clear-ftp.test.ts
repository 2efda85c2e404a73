/** Where the policy wants encryption, a password over clear FTP opens nothing and tells nothing; over TLS it does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ftp } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const password = 'files travel at midnight';

describe.skipIf(missing !== undefined)('ProFTPD with mod_tls', () => {
  let site: Site;
  let account: string;
  beforeAll(async () => {
    site = await openSite();
    account = await site.addAccount('ghtivy', { ftp: password });
  });
  afterAll(() => site.close());

  const login = async (secret: string, tls: boolean) => {
    const program = ftp(site, 'ghtivy', secret, '', '127.0.0.1', tls);
    return { code: await program.over, said: program.said() };
  };
  const encryptedOnly = (on: boolean) =>
    site.call('PATCH', '/v1/policy', { channels: { ftp: { encrypted_only: on } } });

  it('takes both, while the policy does', async () => {
    expect(await login(password, false)).toMatchObject({ code: 0 });
    expect(await login(password, true)).toMatchObject({ code: 0 });
  });

  it('ATTACK: in clear text, the right password is told from a wrong one by nothing, and none is judged', async () => {
    expect((await encryptedOnly(true)).status).toBe(200);
    const hashes = await site.hashes();
    const right = await login(password, false);
    expect(right.code).toBe(67);
    expect(await login('another password altogether', false)).toEqual(right);
    expect(await site.hashes()).toBe(hashes);
    expect(await site.refusals(account)).toEqual(['sent_in_clear', 'sent_in_clear']);
  });

  it('over TLS it is judged as ever', async () => {
    expect(await login(password, true)).toMatchObject({ code: 0 });
    expect((await login('another password altogether', true)).code).toBe(67);
    await encryptedOnly(false);
  });
});
