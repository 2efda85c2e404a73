/** A real Chromium with its virtual authenticator, a real panel's page, a service that really listens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Environment, readServeConfig } from '../../src/main/config.ts';
import { runService, type Service } from '../../src/main/serve.ts';
import { freePort } from '../support/free-port.ts';
import { freshDatabase } from '../support/postgres.ts';
import { consoleOf } from './console.ts';
import { type Panel, startPanel } from './panel.ts';

const password = 'plain words that nobody guesses';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-browser-'));
const database = await freshDatabase();
let service: Service;
let panel: Panel;
let browser: Browser;
let page: Page;
let device: CDPSession;
let authenticatorId = '';
let login = '';
let count = 0;
const staff = consoleOf(database.url);

beforeAll(async () => {
  const [port, panelPort] = [await freePort(), await freePort()];
  const env: Environment = {
    DATABASE_URL: database.url,
    GATEHOUSE_DATA_DIR: folder,
    PORT: String(port),
    PASSKEY_ORIGINS: `http://localhost:${panelPort}`,
    HASH_COST: '10',
    LOG_LEVEL: 'warn',
  };
  service = await runService(readServeConfig(env));
  panel = await startPanel(panelPort, { url: service.url, key: await staff.panelKey() });
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  browser = await chromium.launch({ executablePath, args });
});

afterAll(async () => {
  await browser?.close();
  await panel?.stop();
  await service?.stop();
  await staff.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  login = `visitor${++count}`;
  await staff.account(login, password, service.url);
  page = await browser.newPage();
  device = await page.context().newCDPSession(page);
  await device.send('WebAuthn.enable');
  const made = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  });
  authenticatorId = made.authenticatorId;
  await page.goto(panel.origin);
});
afterEach(async () => {
  await page.context().close();
});

interface Said {
  readonly status: number;
  readonly body: Record<string, unknown> & { decision?: string; challenge?: Record<string, unknown> };
}

/** Runs a step of the page; a refusal of the browser comes back as its name. */
const run = (step: string, ...args: unknown[]): Promise<Said & { refused?: string }> =>
  page.evaluate(
    async ([name, given]) => {
      const steps = Reflect.get(globalThis, 'panel') as Record<string, (...all: unknown[]) => Promise<Said>>;
      try {
        return (await steps[name]?.(...given)) ?? { status: 0, body: {} };
      } catch (error) {
        return { status: 0, body: {}, refused: error instanceof Error ? error.name : 'unknown' };
      }
    },
    [step, args] as const,
  );

const visitor = async () => {
  const said = await fetch(`${service.url}/v1/session`, {
    headers: { authorization: `Bearer ${panel.token()}` },
  });
  return said.status === 200
    ? ((await said.json()) as { account: { login: string } }).account.login
    : undefined;
};

async function registered(): Promise<void> {
  expect((await run('login', login, password)).body.decision).toBe('allow');
  const made = await run('register', 'this browser');
  expect(made).toMatchObject({ status: 201, body: { passkey: { label: 'this browser' } } });
  expect(made.body.recovery_codes).toHaveLength(10);
}

it('a browser registers a passkey and logs in with it, after the password and alone', async () => {
  await registered();
  const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toMatchObject([{ rpId: 'localhost', isResidentCredential: true }]);

  const half = await run('login', login, password);
  expect(half.body).toMatchObject({
    decision: 'challenge',
    challenge: { kinds: ['recovery_code', 'passkey'] },
  });
  const whole = await run('second', half.body.challenge);
  expect(whole.body).toMatchObject({ decision: 'allow', login });
  expect(await visitor()).toBe(login);

  const alone = await run('alone');
  expect(alone.body).toMatchObject({ decision: 'allow', login });
  expect(await visitor()).toBe(login);

  const before = panel.token();
  expect(await run('prove')).toMatchObject({ status: 200, body: { factor_fresh_until: expect.any(String) } });
  expect(panel.token()).not.toBe(before);
  expect(await visitor()).toBe(login);
});

it('an authenticator that holds one of the account is not asked for another', async () => {
  await registered();
  expect((await run('register', 'again')).refused).toBe('InvalidStateError');
});

it('an authenticator that cannot verify its user opens nothing', async () => {
  await registered();
  await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  expect((await run('alone')).refused).toBe('NotAllowedError');
});

it('a page of another domain gets no answer at all', async () => {
  await registered();
  await page.goto(panel.origin.replace('localhost', '127.0.0.1'));
  expect((await run('alone')).refused).toBe('SecurityError');
});

it('a passkey that was copied is found out', async () => {
  await registered();
  const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId });
  const [copy] = credentials;
  expect((await run('alone')).body.decision).toBe('allow');
  await device.send('WebAuthn.clearCredentials', { authenticatorId });
  if (copy === undefined) throw new Error('no passkey');
  await device.send('WebAuthn.addCredential', { authenticatorId, credential: copy });
  expect((await run('alone')).body).toMatchObject({ decision: 'deny', reason: 'invalid_credentials' });
});
