import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/build.ts';
import { complaintsOf } from './rules.ts';
import { readHouse, readSource } from './source.ts';

test('the house keeps its own rule', () => {
  const files = readHouse(projectRoot);
  expect(files.length).toBeGreaterThan(10);
  expect(complaintsOf(files)).toEqual([]);
});

/** Files by path; an import's names are as written. Judged as if this were the whole house. */
const judge = (files: Record<string, string>) =>
  complaintsOf(Object.entries(files).map(([path, text]) => readSource(path, text)));

describe('an arrow of every kind is named', () => {
  const store = `import { live } from '../store/sessions.ts';`;
  const pure = 'no files, no network, no processes, no timers';
  test.each<[string, string, string]>([
    ['src/http/x.ts', store, '→ src/store/sessions.ts: doors do not touch the store'],
    ['src/hooks/x.ts', store, '→ src/store/sessions.ts: doors do not touch the store'],
    [
      'src/console/x.tsx',
      `${store} const a = <p>hi</p>;`,
      '→ src/store/sessions.ts: doors do not touch the store',
    ],
    ['src/cli/x.ts', store, '→ src/store/sessions.ts: doors do not touch the store'],
    ['src/jobs/x.ts', store, '→ src/store/sessions.ts: doors do not touch the store'],
    [
      'src/http/routes/x.ts',
      `import '../../store/db.ts';`,
      '→ src/store/db.ts: doors do not touch the store',
    ],
    [
      'src/http/x.ts',
      `import { a } from '../console/a.ts'`,
      '→ src/console/a.ts: one door does not go through another',
    ],
    [
      'src/http/x.ts',
      `import { a } from '../agent/link.ts'`,
      '→ src/agent/link.ts: http does not look at agent',
    ],
    ['src/actions/x.ts', `import { y } from './y.ts'`, '→ src/actions/y.ts: actions do not call actions'],
    [
      'src/actions/steps/x.ts',
      `import { y } from '../y.ts'`,
      '→ src/actions/y.ts: steps do not call actions',
    ],
    [
      'src/actions/x.ts',
      `import { y } from '../http/y.ts'`,
      '→ src/http/y.ts: actions does not look at http',
    ],
    [
      'src/store/x.ts',
      `import { y } from '../actions/y.ts'`,
      '→ src/actions/y.ts: store does not look at actions',
    ],
    [
      'src/store/x.ts',
      `import { y } from '../hashing/y.ts'`,
      '→ src/hashing/y.ts: store does not look at hashing',
    ],
    ['src/hashing/x.ts', store, '→ src/store/sessions.ts: hashing does not look at store'],
    [
      'src/actions/x.ts',
      `import { verifyRegistrationResponse } from '@simplewebauthn/server'`,
      '→ @simplewebauthn/server: what can fetch certificates lives in domain/passkey, which hands it none',
    ],
    [
      'src/domain/x.ts',
      `import { World } from '../world.ts'`,
      '→ src/world.ts: domain imports nothing of the house',
    ],
    [
      'src/domain/x.ts',
      `import { y } from '../protocol/y.ts'`,
      '→ src/protocol/y.ts: domain imports nothing of the house',
    ],
    [
      'src/protocol/x.ts',
      `import { World } from '../world.ts'`,
      '→ src/world.ts: protocol imports only domain',
    ],
    ['src/world.ts', `import { y } from './log.ts'`, '→ src/log.ts: world imports nothing of the house'],
    ['src/agent/x.ts', store, '→ src/store/sessions.ts: agent imports only domain, protocol and the ground'],
    [
      'src/agent/x.ts',
      `import { y } from '../actions/y.ts'`,
      '→ src/actions/y.ts: agent imports only domain, protocol and the ground',
    ],
    ['src/http/x.ts', `import { y } from '../main/config.ts'`, '→ src/main/config.ts: nothing imports main'],
    [
      'src/http/x.ts',
      `import { y } from '../../test/support/postgres.ts'`,
      '→ test/support/postgres.ts: it leaves the house',
    ],
    [
      'src/attic/x.ts',
      `import { y } from '../domain/y.ts'`,
      '→ src/domain/y.ts: there is no room called attic in the plan',
    ],
    ['src/actions/x.ts', `import { eq } from 'drizzle-orm'`, '→ drizzle-orm: drizzle-orm lives in store'],
    [
      'src/actions/x.ts',
      `import type { PgTable } from 'drizzle-orm/pg-core'`,
      '→ drizzle-orm/pg-core: drizzle-orm lives in store',
    ],
    ['src/main/serve.ts', `import postgres from 'postgres'`, '→ postgres: postgres lives in store'],
    ['src/actions/x.ts', `import type { Context } from 'hono'`, '→ hono: hono lives in the doors'],
    [
      'src/cli/x.ts',
      `import { serve } from '@hono/node-server'`,
      '→ @hono/node-server: the listener lives in http and main',
    ],
    [
      'src/agent/link.ts',
      `import { spawn } from 'node:child_process'`,
      '→ node:child_process: child_process lives in agent/hands',
    ],
    [
      'src/cli/x.ts',
      `import { spawn } from 'child_process'`,
      '→ child_process: child_process lives in agent/hands',
    ],
    [
      'src/actions/x.ts',
      `import { Piscina } from 'piscina'`,
      '→ piscina: piscina lives where threads are, in hashing and judging',
    ],
    ['src/agent/x.ts', `import koffi from 'koffi'`, '→ koffi: koffi and argon2 live in hashing'],
    [
      'src/cli/x.ts',
      `const y = await import(process.argv[2] ?? '')`,
      '→ (computed): an import by a computed name cannot be judged',
    ],
    ['src/domain/x.ts', `import { readFileSync } from 'node:fs'`, `→ node:fs: domain is pure: ${pure}`],
    ['src/domain/x.ts', `import { connect } from 'node:net'`, `→ node:net: domain is pure: ${pure}`],
    [
      'src/domain/x.ts',
      `import { setTimeout } from 'node:timers/promises'`,
      `→ node:timers/promises: domain is pure: ${pure}`,
    ],
    ['src/protocol/x.ts', `import { lookup } from 'node:dns'`, `→ node:dns: protocol is pure: ${pure}`],
    ['src/domain/x.ts', `import { pino } from 'pino'`, `→ pino: domain is pure: ${pure}`],
    ['src/domain/x.ts', `setTimeout(() => {}, 1)`, `: setTimeout(): domain is pure: ${pure}`],
    ['src/domain/x.ts', `fetch('http://x')`, `: fetch(): domain is pure: ${pure}`],
    ['src/store/x.ts', `const now = Date.now()`, ': Date.now: only world.ts reads the clock'],
    ['src/store/x.ts', `const now = new Date()`, ': new Date(): only world.ts reads the clock'],
    ['src/store/x.ts', `const now = Date()`, ': Date(): only world.ts reads the clock'],
    ['src/store/x.ts', `const clock = { now: Date.now }`, ': Date.now: only world.ts reads the clock'],
    [
      'src/store/x.ts',
      `const { now } = Date; const D = Date; D.now()`,
      ': Date.*: only world.ts reads the clock',
    ],
    ['src/store/x.ts', `const t = performance.now()`, ': performance.now: only world.ts reads the clock'],
    [
      'src/store/x.ts',
      `const t = globalThis.performance['now']()`,
      ': performance.now: only world.ts reads the clock',
    ],
    [
      'src/store/x.ts',
      `const t = process.hrtime.bigint()`,
      ': process.hrtime: only world.ts reads the clock',
    ],
    [
      'src/store/x.ts',
      `import { performance } from 'node:perf_hooks'`,
      '→ node:perf_hooks: only world.ts reads the clock',
    ],
    ['src/store/x.ts', `const dice = Math.random()`, ': Math.random: only world.ts draws chance'],
    [
      'src/store/x.ts',
      `import { randomBytes } from 'node:crypto'`,
      '→ node:crypto: only world.ts draws chance',
    ],
    ['src/store/x.ts', `import { randomUUID as id } from 'crypto'`, '→ crypto: only world.ts draws chance'],
    ['src/store/x.ts', `const id = crypto.randomUUID()`, ': crypto.randomUUID: only world.ts draws chance'],
    [
      'src/store/x.ts',
      `globalThis.crypto.getRandomValues(bytes)`,
      ': crypto.getRandomValues: only world.ts draws chance',
    ],
    [
      'src/http/x.ts',
      `const home = process.env.HOME`,
      ': process.env: only main/config.ts reads the environment',
    ],
    ['src/http/x.ts', `const { env } = process`, ': process.env: only main/config.ts reads the environment'],
    [
      'src/http/x.ts',
      `import { env } from 'node:process'`,
      '→ node:process: only main/config.ts reads the environment',
    ],
    [
      'src/main/serve.ts',
      `const home = process?.env.HOME`,
      ': process.env: only main/config.ts reads the environment',
    ],
    ['src/agent/registry.ts', `process.kill(1, 0)`, ': process.kill: signals live in agent/hands'],
    [
      'src/agent/registry.ts',
      `const f = \`/proc/\${pid}/stat\``,
      ': "/proc": the kernel’s files are read in agent/hands',
    ],
    [
      'src/agent/registry.ts',
      `const f = '/sys/fs/cgroup'`,
      ': "/sys": the kernel’s files are read in agent/hands',
    ],
    ['src/http/x.ts', `const f = new Function('return 1')`, ': Function(): no code is made at run time'],
    ['src/http/helper.ts', ``, ': helper names nothing; if it has no name, it is not one thing'],
    ['src/store/db-utils.ts', ``, ': utils names nothing; if it has no name, it is not one thing'],
    ['src/jobs/jobManager.ts', ``, ': Manager names nothing; if it has no name, it is not one thing'],
    ['src/common/x.ts', ``, ': common names nothing; if it has no name, it is not one thing'],
    ['src/http/x.ts', `${'\n'.repeat(300)}let a`, ': 301 lines; more than 300 are more than one thing'],
  ])('%s with %s', (path, text, complaint) => {
    const gap = complaint.startsWith('→') ? ' ' : '';
    const found = judge({ [path]: text });
    expect([...new Set(found)]).toContain(`${path}${gap}${complaint}`);
    expect(new Set(found).size).toBe(path.endsWith('.ts') && text.includes('const { now } = Date') ? 2 : 1);
  });
});

describe('an import of every form is an arrow', () => {
  test.each([
    `import { live } from '../store/sessions.ts'`,
    `import type { Session } from '../store/sessions.ts'`,
    `import { type Session } from '../store/sessions.ts'`,
    `import * as sessions from '../store/sessions.ts'`,
    `import '../store/sessions.ts'`,
    `export { live } from '../store/sessions.ts'`,
    `export type { Session } from '../store/sessions.ts'`,
    `export * from '../store/sessions.ts'`,
    `const sessions = await import('../store/sessions.ts')`,
    `type Session = import('../store/sessions.ts').Session`,
    `type Sessions = typeof import('../store/sessions.ts')`,
    `const sessions = require('../store/sessions.ts')`,
    `const worker = new URL('../store/sessions.ts', import.meta.url)`,
  ])('%s', (text) => {
    expect(judge({ 'src/http/x.ts': text })).toEqual([
      'src/http/x.ts → src/store/sessions.ts: doors do not touch the store',
    ]);
  });
});

describe('shelves and circles', () => {
  const shelf = {
    'src/domain/channels/index.ts': `import type { Channel } from './channel.ts'; import { ftp } from './ftp.ts'; import { ssh } from './ssh.ts'; export const channels = [ftp, ssh]; export { type Channel, stores } from './channel.ts';`,
    'src/domain/channels/channel.ts': `export interface Channel { name: string }`,
    'src/domain/channels/ftp.ts': `import type { Channel } from './channel.ts'; export const ftp: Channel = { name: 'ftp' };`,
    'src/domain/channels/ssh.ts': `import type { Channel } from './channel.ts'; export const ssh: Channel = { name: 'ssh' };`,
  };

  test('the index is the way in', () => {
    expect(
      judge({ ...shelf, 'src/store/x.ts': `import { channels } from '../domain/channels/index.ts'` }),
    ).toEqual([]);
    expect(
      judge({ ...shelf, 'src/store/x.ts': `import type { ftp } from '../domain/channels/ftp.ts'` }),
    ).toEqual(['src/store/x.ts → src/domain/channels/ftp.ts: a shelf is entered through its index']);
  });

  test('kinds do not know each other', () => {
    expect(judge({ ...shelf, 'src/domain/channels/ssh.ts': `import { ftp } from './ftp.ts'` })).toEqual([
      'src/domain/channels/ssh.ts → src/domain/channels/ftp.ts: kinds on a shelf do not know each other',
    ]);
  });

  test('no way leads back to where it began', () => {
    const circle = {
      'src/domain/a.ts': `import type { B } from './b.ts'`,
      'src/domain/b.ts': `import './a.ts'`,
    };
    expect(judge(circle)).toEqual([
      'src/domain/a.ts → src/domain/b.ts → src/domain/a.ts: files go in a circle',
    ]);
  });
});

test('what is allowed is not complained about', () => {
  expect(
    judge({
      'src/world.ts': `import { randomBytes } from 'node:crypto'; const n = () => [new Date(), performance.now()];`,
      'src/domain/a.ts': `import { createHash } from 'node:crypto'; import { isIP } from 'node:net'; const d = new Date(5);`,
      'src/actions/authenticate.ts': `import '../store/sessions.ts'; import './steps/guess.ts'; import './context.ts';`,
      'src/actions/context.ts': `import type { World } from '../world.ts'`,
      'src/http/x.ts': `import { Hono } from 'hono'; import '../actions/authenticate.ts'; setTimeout(() => {}, 1);`,
      'src/agent/hands-processes.ts':
        "import { spawn } from 'node:child_process'; process.kill(1, 0); const f = `/proc/1`;",
      'src/main/config.ts': `const env = process.env`,
      'src/agent/registry.ts': `const { pid } = order.process; order.process.kill(); const d = order.date.now();`,
      'src/main/serve.ts': `import { serve } from '@hono/node-server'; import '../store/db.ts'; process.exit(0);`,
      'src/store/tables/all.ts': '\n'.repeat(400),
    }),
  ).toEqual([]);
});

test('an arrow planted in a copy of this very house is found', () => {
  const copy = mkdtempSync(join(tmpdir(), 'gatehouse-house-'));
  try {
    cpSync(join(projectRoot, 'src'), join(copy, 'src'), { recursive: true });
    const before = complaintsOf(readHouse(copy));
    writeFileSync(join(copy, 'src/jobs/planted.ts'), `import type { Database } from '../store/db.ts';\n`);
    expect(complaintsOf(readHouse(copy)).filter((complaint) => !before.includes(complaint))).toEqual([
      'src/jobs/planted.ts → src/store/db.ts: doors do not touch the store',
    ]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
