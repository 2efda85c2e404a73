/**
 * A panel as a host would write it: pages of its own origin, a client key that never leaves it, and sessions that it
 * keeps for its visitors. It hands passkey options and answers to and fro, and judges nothing.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { projectRoot } from '../support/build.ts';

const bundle = `${projectRoot}/node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js`;
const page = `<!doctype html><html lang="en"><title>Panel</title><script src="/webauthn.js"></script>
<script>
  const post = (path, body) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}) }).then(async (said) => ({ status: said.status, body: await said.json().catch(() => null) }));
  const { startRegistration, startAuthentication } = SimpleWebAuthnBrowser;
  window.panel = {
    login: (login, password) => post('/login', { login, password }),
    async register(label) {
      const { body: { challenge_id, options } } = await post('/me/passkeys/options');
      const response = await startRegistration({ optionsJSON: options });
      return post('/me/passkeys', { challenge_id, response, label });
    },
    async second(challenge) {
      const response = await startAuthentication({ optionsJSON: challenge.passkey });
      return post('/login/challenge', { challenge_id: challenge.id, kind: 'passkey', response });
    },
    async alone() {
      const { body: { challenge_id, options } } = await post('/login/passkey/options');
      const response = await startAuthentication({ optionsJSON: options });
      return post('/login/challenge', { challenge_id, kind: 'passkey', response });
    },
    async prove() {
      const { body: { challenge_id, options } } = await post('/me/reauthenticate/passkey/options');
      const response = await startAuthentication({ optionsJSON: options });
      return post('/me/reauthenticate', { challenge_id, kind: 'passkey', response });
    },
  };
</script></html>`;

export interface Panel {
  readonly origin: string;
  /** The token of its visitor's session. */
  token(): string | undefined;
  stop(): Promise<void>;
}

/** @param gatehouse its URL, and the panel's client key there. */
export async function startPanel(port: number, gatehouse: { url: string; key: string }): Promise<Panel> {
  let token: string | undefined;
  const ask = async (path: string, authorization: string, body: unknown) => {
    const said = await fetch(`${gatehouse.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${authorization}` },
      body: JSON.stringify(body),
    });
    const answer = (await said.json()) as { token?: string; session?: { token: string } };
    const renewed = answer.session?.token ?? answer.token;
    if (renewed !== undefined) token = renewed;
    // The page has no use for it.
    return { status: said.status, body: { ...answer, token: undefined, session: answer.session && {} } };
  };
  const app = new Hono();
  app.get('/', (c) => c.html(page));
  app.get('/webauthn.js', (c) => c.body(readFileSync(bundle), 200, { 'content-type': 'text/javascript' }));
  app.post('/login/passkey/options', async (c) => {
    const said = await ask('/v1/authenticate/passkey/options', gatehouse.key, await c.req.json());
    return c.json(said.body, said.status as 200);
  });
  app.post('/login/challenge', async (c) => {
    const said = await ask('/v1/authenticate/challenge', gatehouse.key, await c.req.json());
    return c.json(said.body, said.status as 200);
  });
  app.post('/login', async (c) => {
    const body = { store: 'panel', source_ip: '203.0.113.9', ...(await c.req.json()) };
    const said = await ask('/v1/authenticate', gatehouse.key, body);
    return c.json(said.body, said.status as 200);
  });
  app.post('/me/*', async (c) => {
    const said = await ask(`/v1${c.req.path}`, token ?? '', await c.req.json());
    return c.json(said.body, said.status as 200);
  });
  const server: ServerType = serve({ fetch: app.fetch, hostname: '127.0.0.1', port });
  await once(server, 'listening');
  return {
    origin: `http://localhost:${port}`,
    token: () => token,
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
