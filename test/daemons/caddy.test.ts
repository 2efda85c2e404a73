/** A real Caddy in front of a panel, as shipped: nobody passes without a session, nobody under another's name. */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { listens } from './support/lines.ts';
import { freePort, type Program, start, until } from './support/processes.ts';

const missing = missingPrograms(['/usr/bin/caddy']);
const password = { panel: 'doors of green paper', ftp: 'files travel at midnight' };

describe.skipIf(missing !== undefined)('Caddy', () => {
  let front: Front;
  let caddy: Program;
  let panel: Server;
  let alice: string;
  const port = { web: 0, panel: 0 };
  const seen: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    port.web = await freePort();
    port.panel = await freePort();
    front = await openFront(`http://localhost:${port.web}`);
    alice = await front.addAccount('alice', password);
    panel = createServer((request, response) => {
      seen.push(request.headers);
      response.end('the panel');
    }).listen(port.panel, '127.0.0.1');
    const site = front.deployed('caddy/Caddyfile', {
      'panel.example.net': `http://localhost:${port.web}`,
      '127.0.0.1:8080': `127.0.0.1:${front.port}`,
      '127.0.0.1:9000': `127.0.0.1:${port.panel}`,
    });
    writeFileSync(`${front.folder}/Caddyfile`, `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
    caddy = start(
      '/usr/bin/caddy',
      ['run', '--adapter', 'caddyfile', '--config', `${front.folder}/Caddyfile`],
      {
        env: { PATH: '/usr/bin:/bin', HOME: front.folder, GATEHOUSE_KEY: front.key },
      },
    );
    await until(() => listens(port.web), 'Caddy to listen', 20_000, caddy.said);
  }, 120_000);
  afterAll(async () => {
    await caddy?.end();
    panel?.close();
    await front?.close();
  });

  const get = (headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`http://localhost:${port.web}/files?a=b`, { redirect: 'manual', ...init, headers });
  const cookie = (token: string) => ({ cookie: `theme=dark; gatehouse=${token}` });

  it(
    'a session: the panel learns who it is, and nothing that a visitor put in his place',
    proves('Caddy pages: right'),
    async () => {
      const token = await front.panelSession('alice', password.panel);
      const response = await get({
        ...cookie(token),
        'X-Gatehouse-Account': 'acc_root',
        'x-gatehouse-LOGIN': 'root',
        X_Gatehouse_Login: 'root',
        'X-Gatehouse_Login': 'root',
        'X-Gatehouse-Key': 'mine',
      });
      expect(await response.text()).toBe('the panel');
      expect(seen.at(-1)).toMatchObject({
        'x-gatehouse-account': alice,
        'x-gatehouse-login': 'alice',
        'x-gatehouse-profile': 'standard',
      });
      expect(JSON.stringify(seen.at(-1))).not.toMatch(/root|mine|ghc_|http\.reverse_proxy/);
    },
  );

  it('without a session: to the login page and back here, the panel not reached, whatever headers say', async () => {
    const before = seen.length;
    const response = await get({ 'X-Gatehouse-Account': alice, 'X-Forwarded-Host': 'evil.example' });
    expect(response.status).toBe(302);
    const page = new URL(response.headers.get('location') ?? '');
    expect(page.origin + page.pathname).toBe(`http://localhost:${port.web}/login`);
    expect(page.searchParams.get('return_to')).toBe(`http://localhost:${port.web}/files?a=b`);
    expect(seen.length).toBe(before);
  });

  it('a post with the cookie from another site: refused', async () => {
    const token = await front.panelSession('alice', password.panel);
    const post = { method: 'POST', body: 'a=b' };
    const foreign = { ...cookie(token), origin: 'http://shop.localhost', 'sec-fetch-site': 'same-site' };
    expect((await get(foreign, post)).status).toBe(403);
    expect((await get({ ...cookie(token), 'sec-fetch-site': 'same-origin' }, post)).status).toBe(200);
  });

  it(
    'a forced logoff, and a suspension, hold from the next request on',
    proves('Caddy pages: logoff idle, suspended'),
    async () => {
      const token = await front.panelSession('alice', password.panel);
      expect((await get(cookie(token))).status).toBe(200);
      await front.call('POST', '/v1/sessions/end', { select: { account_id: alice }, reason: 'test' });
      expect((await get(cookie(token))).status).toBe(302);
      const next = await front.panelSession('alice', password.panel);
      expect((await get(cookie(next))).status).toBe(200);
      await front.call('POST', `/v1/accounts/${alice}/suspend`, { reason: 'unpaid', level: 'all' });
      expect((await get(cookie(next))).status).toBe(302);
      await front.call('POST', `/v1/accounts/${alice}/resume`);
    },
  );

  it('a session of another store opens no page', proves('Caddy pages: other store'), async () => {
    const asked = { store: 'ftp', login: 'alice', password: password.ftp, open_session: true };
    const ftp = await front.call<{ session: { token: string } }>(
      'POST',
      '/v1/authenticate',
      asked,
      front.key,
    );
    expect(ftp.body.session.token).toMatch(/^ghs_/);
    expect((await get({ authorization: `Bearer ${ftp.body.session.token}` })).status).toBe(302);
  });

  it(
    'a session ends idle, and however much it is used',
    proves('Caddy pages: idle end, absolute end'),
    async () => {
      const clocks = (idle_seconds: number | null, absolute_seconds: number | null) =>
        front.call('PATCH', '/v1/policy', {
          stores: { panel: { standard: { idle_seconds, absolute_seconds } } },
        });
      await clocks(1, 3);
      const [still, used] = [
        await front.panelSession('alice', password.panel),
        await front.panelSession('alice', password.panel),
      ];
      const began = Date.now();
      const status = async (token: string) => (await get(cookie(token))).status;
      while ((await status(used)) === 200) await new Promise((resolve) => setTimeout(resolve, 100));
      const lived = Date.now() - began;
      expect(lived).toBeGreaterThan(2_000);
      expect(lived).toBeLessThan(5_000);
      expect(await status(still)).toBe(302);
      const page = await front.call<{ items: { end_reason: string }[] }>(
        'GET',
        `/v1/sessions?account_id=${alice}&limit=2&store=panel`,
      );
      expect(page.body.items.map((each) => each.end_reason).sort()).toEqual(['absolute', 'idle']);
      await clocks(null, null);
    },
  );

  it(
    'the service away: no page, the panel not reached; back with it',
    proves('Caddy pages: service away'),
    async () => {
      const token = await front.panelSession('alice', password.panel);
      await front.service().end('SIGKILL');
      const before = seen.length;
      expect((await get(cookie(token))).status).toBe(502);
      expect(seen.length).toBe(before);
      await front.startService();
      expect((await get(cookie(token))).status).toBe(200);
    },
  );

  it('no key and no token is in a log', () => {
    expect(caddy.said() + front.service().said()).not.toMatch(/ghc_|ghs_/);
  });
});
