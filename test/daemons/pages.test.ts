/** A real web server in front of a panel, as shipped: nobody passes without a session, nobody under another's name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachDoor, proves, provesAt } from '../support/doors.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { dial } from './support/lines.ts';
import { openPanel, type Panel, startGuardingCaddy, startGuardingNginx } from './support/pages.ts';
import { freePort, type Program } from './support/processes.ts';

const missing = missingPrograms(['/usr/sbin/nginx', '/usr/bin/caddy']);
const password = { panel: 'doors of green paper', ftp: 'files travel at midnight' };

/** `cookies`: what the panel is left of `cookie`; `away`: what is answered when the service is. */
const proxies = {
  'nginx pages': { start: startGuardingNginx, cookies: /^theme=dark; last=1$/, away: 500 },
  'Caddy pages': { start: startGuardingCaddy, cookies: /^theme=dark; gatehouse=\S+; last=1$/, away: 502 },
} as const;

describe.skipIf(missing !== undefined)('pages behind a web server', () => {
  let front: Front;
  let panel: Panel;
  let alice: string;
  /** The service knows itself by one address: the servers take turns there. */
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    front = await openFront(`http://localhost:${port}`);
    alice = await front.addAccount('alice', password);
    panel = await openPanel();
  }, 120_000);
  afterAll(async () => {
    panel?.close();
    await front?.close();
  });

  const get = (headers: Record<string, string> = {}, init: RequestInit = {}, at = port) =>
    fetch(`http://localhost:${at}/files?a=b`, { redirect: 'manual', ...init, headers });
  const cookie = (token: string) => ({ cookie: `theme=dark; gatehouse=${token}; last=1` });
  const logIn = () => front.panelSession('alice', password.panel);
  const logoff = () =>
    front.call('POST', '/v1/sessions/end', { select: { account_id: alice }, reason: 'test' });

  describe.each(eachDoor('nginx pages', 'Caddy pages'))('%s', (door) => {
    const { start, cookies, away } = proxies[door];
    let proxy: Program;
    beforeAll(async () => {
      proxy = await start(front, panel, port);
    });
    afterAll(() => proxy?.end());

    it(
      'a session: the panel learns who it is, and nothing that a visitor put in his place',
      provesAt(door, 'right'),
      async () => {
        const response = await get({
          ...cookie(await logIn()),
          'X-Gatehouse-Account': 'acc_root',
          'x-gatehouse-LOGIN': 'root',
          X_Gatehouse_Login: 'root',
          'X-Gatehouse_Login': 'root',
          'X-Gatehouse-Key': 'mine',
        });
        expect(await response.text()).toBe('the panel');
        const { cookie: left, ...headers } = panel.seen.at(-1)?.headers ?? {};
        expect(headers).toMatchObject({
          'x-gatehouse-account': alice,
          'x-gatehouse-login': 'alice',
          'x-gatehouse-profile': 'standard',
          'x-gatehouse-session': expect.stringMatching(/^ses_/),
        });
        expect(left).toMatch(cookies);
        expect(JSON.stringify(headers)).not.toMatch(/root|mine|ghs_|ghc_|http\.reverse_proxy/);
      },
    );

    it(
      'a bearer token of a panel session passes, one of another store does not',
      provesAt(door, 'other store'),
      async () => {
        expect((await get({ authorization: `Bearer ${await logIn()}` })).status).toBe(200);
        const asked = { store: 'ftp', login: 'alice', password: password.ftp, open_session: true };
        const ftp = await front.call<{ session: { token: string } }>(
          'POST',
          '/v1/authenticate',
          asked,
          front.key,
        );
        expect(ftp.body.session.token).toMatch(/^ghs_/);
        expect((await get({ authorization: `Bearer ${ftp.body.session.token}` })).status).toBe(302);
      },
    );

    it('without a session: to the login page and back here, the panel not reached, whatever headers say', async () => {
      const before = panel.seen.length;
      const response = await get({
        'X-Gatehouse-Account': alice,
        'X-Gatehouse-Login': 'alice',
        'X-Forwarded-Host': 'evil.example',
      });
      expect(response.status).toBe(302);
      const page = new URL(response.headers.get('location') ?? '');
      expect(page.origin + page.pathname).toBe(`http://localhost:${port}/login`);
      expect(page.searchParams.get('return_to')).toBe(`http://localhost:${port}/files?a=b`);
      expect(panel.seen.length).toBe(before);
    });

    it('a post with the cookie from another site: refused', async () => {
      const own = cookie(await logIn());
      const post = { method: 'POST', body: 'a=b' };
      const foreign = { ...own, origin: 'http://shop.localhost', 'sec-fetch-site': 'same-site' };
      expect((await get(foreign, post)).status).toBe(403);
      expect((await get({ ...own, origin: `http://localhost:${port}` }, post)).status).toBe(200);
      expect((await get({ ...own, 'sec-fetch-site': 'same-origin' }, post)).status).toBe(200);
    });

    it('a forced logoff holds from the next request on', provesAt(door, 'logoff idle'), async () => {
      const token = await logIn();
      for (let i = 0; i < 3; i++) expect((await get(cookie(token))).status).toBe(200);
      await logoff();
      expect((await get(cookie(token))).status).toBe(302);
    });

    it('a suspended account is out at once', provesAt(door, 'suspended'), async () => {
      const token = await logIn();
      expect((await get(cookie(token))).status).toBe(200);
      await front.call('POST', `/v1/accounts/${alice}/suspend`, { reason: 'unpaid', level: 'all' });
      expect((await get(cookie(token))).status).toBe(302);
      await front.call('POST', `/v1/accounts/${alice}/resume`);
      expect((await get(cookie(token))).status).toBe(302);
    });

    it(
      'a session ends idle, and however much it is used',
      provesAt(door, 'idle end, absolute end'),
      async () => {
        const clocks = (idle_seconds: number | null, absolute_seconds: number | null) =>
          front.call('PATCH', '/v1/policy', {
            stores: { panel: { standard: { idle_seconds, absolute_seconds } } },
          });
        await clocks(2, 4);
        const [still, used] = [await logIn(), await logIn()];
        const began = Date.now();
        const status = async (token: string) => (await get(cookie(token))).status;
        while ((await status(used)) === 200) await new Promise((resolve) => setTimeout(resolve, 100));
        const lived = Date.now() - began;
        expect(lived).toBeGreaterThan(3_000);
        expect(lived).toBeLessThan(6_000);
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
      provesAt(door, 'service away'),
      async () => {
        const token = await logIn();
        expect((await get(cookie(token))).status).toBe(200);
        await front.service().end('SIGKILL');
        const before = panel.seen.length;
        expect((await get(cookie(token))).status).toBe(away);
        expect(panel.seen.length).toBe(before);
        await front.startService();
        expect((await get(cookie(token))).status).toBe(200);
      },
    );

    it('no key and no token is in a log', () => {
      expect(proxy.said() + front.service().said()).not.toMatch(/ghc_|ghs_/);
    });
  });

  describe('nginx alone', () => {
    let nginx: Program;
    let cached: number;
    beforeAll(async () => {
      cached = await freePort();
      nginx = await startGuardingNginx(front, panel, port, cached);
    });
    afterAll(() => nginx?.end());

    it('a Host that is not ours is never a place to go back to', async () => {
      for (const host of ['evil.example', `localhost:${port}@evil.example`, `localhost.evil.example`]) {
        const client = await dial(port);
        client.say(
          `GET /files HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n`,
        );
        const heard = await client.hears(/HTTP\/1\.1 (302|400)[\s\S]*\r\n\r\n/);
        expect(heard).not.toMatch(/location:.*evil/i);
        client.end();
      }
    });

    it(
      'a forced logoff holds where somebody caches what he should not',
      proves('nginx pages: logoff idle'),
      async () => {
        const token = await logIn();
        for (let i = 0; i < 3; i++) expect((await get(cookie(token), {}, cached)).status).toBe(200);
        await logoff();
        expect((await get(cookie(token), {}, cached)).status).toBe(302);
      },
    );
  });
});
