/** FTP programs log in many times at once: that costs one hash, and not one of them outlives a changed password. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ftp, quietFtp } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons();
const before = 'files travel at midnight';
const after = 'files travel at daybreak';

describe.skipIf(missing !== undefined)('parallel FTP logins', () => {
  let site: Site;
  let emil: string;
  beforeAll(async () => {
    site = await openSite();
    emil = await site.addAccount('ghtemil', { ftp: before });
  });
  afterAll(() => site.close());

  it('30 at once with the right password all get in and cost one hash', async () => {
    const start = await site.hashes();
    const clients = await Promise.all(Array.from({ length: 30 }, () => quietFtp(site, 'ghtemil', before)));
    expect((await site.hashes()) - start).toBe(1);
    for (const client of clients) client.say('QUIT');
    await Promise.all(clients.map((client) => client.closed));
  }, 60_000);

  it('after a password change the old one fails at once, and the new one works', async () => {
    const put = await site.call('PUT', `/v1/accounts/${emil}/credentials/ftp`, { password: after });
    expect(put.status).toBe(200);
    expect(await ftp(site, 'ghtemil', before).over).toBe(67);
    expect(await ftp(site, 'ghtemil', after).over).toBe(0);
  }, 30_000);
});
