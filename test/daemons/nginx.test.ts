/** A real nginx in front of a panel and of mail: nobody passes without a session, nobody under another's name. */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proves } from '../support/doors.ts';
import { type Dovecot, startDovecot } from './support/dovecot.ts';
import { addTotp } from './support/factor.ts';
import { type Front, missingPrograms, openFront } from './support/front.ts';
import { dial, listens } from './support/lines.ts';
import { freePort, type Program, start, until } from './support/processes.ts';

const missing = missingPrograms([
  '/usr/sbin/nginx',
  '/usr/lib/nginx/modules/ngx_mail_module.so',
  '/usr/sbin/dovecot',
]);
const password = { panel: 'doors of green paper', mail: 'letters sleep in boxes', ftp: 'files at midnight' };

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

describe.skipIf(missing !== undefined)('nginx', () => {
  let front: Front;
  let nginx: Program;
  let dovecot: Dovecot;
  let panel: Server;
  let alice: string;
  const seen: Seen[] = [];
  const port = { web: 0, cached: 0, panel: 0, imap: 0, pop3: 0, smtp: 0, mta: 0 };
  const mta = createTcp((socket) => {
    socket.write('220 mta\r\n');
    socket.on('data', (piece) => {
      mtaSaid += piece.toString();
      socket.write('250 fine\r\n');
    });
    socket.on('error', () => {});
  });
  let mtaSaid = '';

  beforeAll(async () => {
    for (const name of Object.keys(port) as (keyof typeof port)[]) port[name] = await freePort();
    front = await openFront(`http://localhost:${port.web}`);
    alice = await front.addAccount('alice', password);
    panel = createServer((request, response) => {
      seen.push({ url: request.url ?? '', headers: request.headers });
      response.end('the panel');
    }).listen(port.panel, '127.0.0.1');
    mta.listen(port.mta, '127.0.0.1');
    dovecot = await startDovecot(
      front.folder,
      'passdb {\n  driver = static\n  args = password=only-the-proxy-knows\n}',
    );
    nginx = await startNginx();
  }, 120_000);
  afterAll(async () => {
    await nginx?.end('SIGQUIT');
    await dovecot?.program.end();
    panel?.close();
    mta.close();
    await front?.close();
  });

  async function startNginx(): Promise<Program> {
    const { folder, key } = front;
    writeFileSync(`${folder}/web.key`, `proxy_set_header X-Gatehouse-Key ${key};\n`, { mode: 0o600 });
    const backend = 'auth_http_header X-Gatehouse-Backend-Pass only-the-proxy-knows;';
    writeFileSync(`${folder}/mail.key`, `auth_http_header X-Gatehouse-Key ${key};\n${backend}\n`, {
      mode: 0o600,
    });
    const guarded = front.deployed('nginx/gatehouse-panel.conf', {
      'http://127.0.0.1:8080': front.url,
      '/etc/gatehouse/nginx.key': `${folder}/web.key`,
    });
    const mail = front.deployed('nginx/gatehouse-mail.conf', {
      '127.0.0.1:8080': `127.0.0.1:${front.port}`,
      '/etc/gatehouse/nginx-mail.key': `${folder}/mail.key`,
      'listen 143': `listen 127.0.0.1:${port.imap}`,
      'listen 110': `listen 127.0.0.1:${port.pop3}`,
      'listen 587': `listen 127.0.0.1:${port.smtp}`,
      '127.0.0.1:10143': `127.0.0.1:${dovecot.imap}`,
      '127.0.0.1:10110': `127.0.0.1:${dovecot.pop3}`,
      '127.0.0.1:10587': `127.0.0.1:${port.mta}`,
    });
    const site = (at: number, text: string) =>
      `server { listen 127.0.0.1:${at}; ${text}\nlocation / { proxy_pass http://127.0.0.1:${port.panel}; } }`;
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/nginx-${name};`)
      .join('\n');
    const conf = [
      'load_module /usr/lib/nginx/modules/ngx_mail_module.so;',
      `daemon off; user root; pid ${folder}/nginx.pid; error_log stderr info; worker_processes 1;`,
      'events { worker_connections 256; }',
      `http { access_log off; ${temp}`,
      `proxy_cache_path ${folder}/nginx-cache keys_zone=kept:1m;`,
      front.deployed('nginx/gatehouse-http.conf', {}),
      site(port.web, guarded),
      // Somebody who caches what he should not: `no-store` has to hold.
      site(port.cached, guarded.replace('proxy_cache off;', 'proxy_cache kept; proxy_cache_key all;')),
      '}',
      mail,
    ].join('\n');
    writeFileSync(`${folder}/nginx.conf`, conf, { mode: 0o600 });
    const program = start('/usr/sbin/nginx', ['-p', folder, '-c', `${folder}/nginx.conf`]);
    await until(() => listens(port.imap), 'nginx to listen', 20_000, program.said);
    return program;
  }

  const get = (headers: Record<string, string> = {}, at = port.web, init: RequestInit = {}) =>
    fetch(`http://localhost:${at}/files?a=b`, { redirect: 'manual', ...init, headers });
  const cookie = (token: string) => ({ cookie: `theme=dark; gatehouse=${token}; last=1` });
  const lastSeen = () => seen.at(-1);

  it(
    'a session: the panel learns who it is, and nothing that a visitor put in his place',
    proves('nginx pages: right'),
    async () => {
      const token = await front.panelSession('alice', password.panel);
      const response = await get({
        ...cookie(token),
        'X-Gatehouse-Account': 'acc_root',
        'x-gatehouse-LOGIN': 'root',
        X_Gatehouse_Login: 'root',
        'X-Gatehouse-Key': 'mine',
      });
      expect(await response.text()).toBe('the panel');
      const headers = lastSeen()?.headers ?? {};
      expect(headers).toMatchObject({
        'x-gatehouse-account': alice,
        'x-gatehouse-login': 'alice',
        'x-gatehouse-profile': 'standard',
        cookie: 'theme=dark; last=1',
      });
      expect(headers['x-gatehouse-session']).toMatch(/^ses_/);
      expect(JSON.stringify(headers)).not.toMatch(/root|mine|ghs_|ghc_/);
    },
  );

  it(
    'a bearer token of a panel session passes, one of another store does not',
    proves('nginx pages: other store'),
    async () => {
      const token = await front.panelSession('alice', password.panel);
      expect((await get({ authorization: `Bearer ${token}` })).status).toBe(200);
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
    const before = seen.length;
    const response = await get({ 'X-Gatehouse-Account': alice, 'X-Gatehouse-Login': 'alice' });
    expect(response.status).toBe(302);
    const page = new URL(response.headers.get('location') ?? '');
    expect(page.origin + page.pathname).toBe(`http://localhost:${port.web}/login`);
    expect(page.searchParams.get('return_to')).toBe(`http://localhost:${port.web}/files?a=b`);
    expect(seen.length).toBe(before);
  });

  it('a Host that is not ours is never a place to go back to', async () => {
    for (const host of ['evil.example', `localhost:${port.web}@evil.example`, `localhost.evil.example`]) {
      const client = await dial(port.web);
      client.say(
        `GET /files HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n`,
      );
      const heard = await client.hears(/HTTP\/1\.1 (302|400)[\s\S]*\r\n\r\n/);
      expect(heard).not.toMatch(/location:.*evil/i);
      client.end();
    }
  });

  it('a post with the cookie from another site: refused', async () => {
    const token = await front.panelSession('alice', password.panel);
    const post = { method: 'POST', body: 'a=b' };
    const foreign = { ...cookie(token), origin: 'http://shop.localhost', 'sec-fetch-site': 'same-site' };
    expect((await get(foreign, port.web, post)).status).toBe(403);
    const own = { ...cookie(token), origin: `http://localhost:${port.web}` };
    expect((await get(own, port.web, post)).status).toBe(200);
  });

  it.each([['as shipped'], ['with a cache']])(
    'a forced logoff holds from the next request on, %s',
    proves('nginx pages: logoff idle'),
    async (how) => {
      const at = how === 'as shipped' ? port.web : port.cached;
      const token = await front.panelSession('alice', password.panel);
      for (let i = 0; i < 3; i++) expect((await get(cookie(token), at)).status).toBe(200);
      await front.call('POST', '/v1/sessions/end', { select: { account_id: alice }, reason: 'test' });
      expect((await get(cookie(token), at)).status).toBe(302);
    },
  );

  it(
    'a session ends idle, and however much it is used',
    proves('nginx pages: idle end, absolute end'),
    async () => {
      const clocks = (idle_seconds: number | null, absolute_seconds: number | null) =>
        front.call('PATCH', '/v1/policy', {
          stores: { panel: { standard: { idle_seconds, absolute_seconds } } },
        });
      await clocks(2, 4);
      const [still, used] = [
        await front.panelSession('alice', password.panel),
        await front.panelSession('alice', password.panel),
      ];
      const began = Date.now();
      const status = async (token: string) => (await get(cookie(token))).status;
      while ((await status(used)) === 200) await new Promise((resolve) => setTimeout(resolve, 200));
      const lived = Date.now() - began;
      expect(lived).toBeGreaterThan(3_000);
      expect(lived).toBeLessThan(6_000);
      expect(await status(still)).toBe(302);
      const page = await front.call<{ items: { end_reason: string }[] }>(
        'GET',
        `/v1/sessions?account_id=${alice}&limit=2`,
      );
      expect(page.body.items.map((each) => each.end_reason).sort()).toEqual(['absolute', 'idle']);
      await clocks(null, null);
    },
  );

  it('a suspended account is out at once', proves('nginx pages: suspended'), async () => {
    const token = await front.panelSession('alice', password.panel);
    await front.call('POST', `/v1/accounts/${alice}/suspend`, { reason: 'unpaid', level: 'all' });
    expect((await get(cookie(token))).status).toBe(302);
    await front.call('POST', `/v1/accounts/${alice}/resume`);
    expect((await get(cookie(token))).status).toBe(302);
  });

  const imap = async (login: string, secret: string) => {
    const client = await dial(port.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN "${login}" "${secret}"`);
    const heard = await client.hears(/^(a (OK|NO|BAD).*|\* BAD.*)$/m);
    return { client, heard };
  };

  it(
    'mail: the right password reaches the server behind, which takes nobody’s but the proxy’s',
    proves('nginx mail: right'),
    async () => {
      const { client, heard } = await imap('alice', password.mail);
      expect(heard).toMatch(/^a OK/m);
      client.say('b CAPABILITY');
      await client.hears(/^b OK/m);
      client.end();
      const direct = await dial(dovecot.imap);
      await direct.hears(/^\* OK/m);
      direct.say(`a LOGIN "alice" "${password.mail}"`);
      await direct.hears(/^a NO/m);
      direct.end();
    },
  );

  const alike = proves('nginx mail: wrong, other store, suspended');
  it(
    'mail: a wrong password, another store’s, a name that is not there and a suspended account are alike',
    alike,
    async () => {
      const erin = await front.addAccount('erin', password);
      await front.call('POST', `/v1/accounts/${erin}/suspend`, { reason: 'unpaid', level: 'logins' });
      for (const [login, secret] of [
        ['alice', 'wrong'],
        ['alice', password.ftp],
        ['nobody', password.mail],
        ['erin', password.mail],
      ] as const) {
        const { client, heard } = await imap(login, secret);
        expect(heard).toMatch(/^a NO Invalid login or password/m);
        client.end();
      }
    },
  );

  it(
    'mail: after too many guesses the right password waits, and a second factor needs an app password',
    proves('nginx mail: second factor'),
    async () => {
      await front.addAccount('carol', password);
      await front.lockAfter(3);
      for (let i = 0; i < 4; i++) (await imap('carol', `guess ${i}`)).client.end();
      const { client, heard } = await imap('carol', password.mail);
      expect(heard).toMatch(/^a NO Too many attempts/m);
      await client.closed;
      await front.lockAfter(null);
      await front.addAccount('dave', password);
      const factor = await addTotp(front, 'dave', password.panel);
      expect((await imap('dave', password.mail)).heard).toMatch(/^a NO Use an app password for mail/m);
      expect((await imap('dave', password.mail + factor.code())).heard).toMatch(/^a OK/m);
    },
  );

  it('mail: POP3, and SMTP with AUTH; without AUTH nobody sends', async () => {
    const pop = await dial(port.pop3);
    await pop.hears(/^\+OK/m);
    pop.say('USER alice');
    await pop.hears(/^\+OK/m);
    pop.say(`PASS ${password.mail}`);
    await pop.hears(/^\+OK/m);
    pop.end();
    const smtp = await dial(port.smtp);
    await smtp.hears(/^220 /m);
    smtp.say('EHLO here');
    await smtp.hears(/^250 /m);
    smtp.say('MAIL FROM:<a@example.net>');
    expect(await smtp.hears(/^\d{3} /m)).toMatch(/^5\d\d/m);
    const plain = (secret: string) => Buffer.from(`\0alice\0${secret}`).toString('base64');
    smtp.say(`AUTH PLAIN ${plain('wrong')}`);
    await smtp.hears(/^535 /m);
    smtp.say(`AUTH PLAIN ${plain(password.mail)}`);
    await smtp.hears(/^235 /m);
    smtp.end();
    expect(mtaSaid).toContain('LOGIN=alice');
  });

  it('mail: percent signs, spaces and letters beyond ASCII in a password arrive as they were typed', async () => {
    const odd = 'fünf % Türen + 100%41 "no"';
    await front.addAccount('odd', { mail: odd });
    const client = await dial(port.imap);
    await client.hears(/^\* OK/m);
    client.say(`a LOGIN odd {${Buffer.byteLength(odd)}}`);
    await client.hears(/^\+ /m);
    client.say(odd);
    await client.hears(/^a OK/m);
    client.end();
  });

  it(
    'the service away: no page and no mail, and both come back with it',
    proves('nginx pages: service away', 'nginx mail: service away'),
    async () => {
      const token = await front.panelSession('alice', password.panel);
      expect((await get(cookie(token))).status).toBe(200);
      await front.service().end('SIGKILL');
      const before = seen.length;
      expect((await get(cookie(token))).status).toBe(500);
      expect(seen.length).toBe(before);
      const { client, heard } = await imap('alice', password.mail);
      expect(heard).not.toMatch(/^a OK/m);
      client.end();
      await front.startService();
      expect((await get(cookie(token))).status).toBe(200);
    },
  );

  it('no key is in a log', () => {
    expect(nginx.said()).not.toContain(front.key);
    expect(front.service().said()).not.toContain(front.key);
  });
});
