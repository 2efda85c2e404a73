/** The command that sshd asks for keys: one line of an agent that proved the key of the link, or nothing at all. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, greet, key, prove, question, type Script, startFake } from '../../pam/test/fake-agent.ts';
import { buildModule, whatIsMissing } from '../../pam/test/small-daemon.ts';
import { formatMessage } from '../../src/protocol/pam.ts';

const fingerprint = `SHA256:${'a'.repeat(43)}`;
const line = `from="203.0.113.0/24" ssh-ed25519 ${'A'.repeat(68)}`;
const found = formatMessage({ verdict: 'allow', key_line: line });
const missing = process.env.CI === 'true' ? undefined : whatIsMissing();

describe.skipIf(missing !== undefined).each(['plain', 'sanitized'])('gatehouse-keys, %s build', (build) => {
  let directory = '';
  let made = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
    made = buildModule(build, directory);
    chmodSync(directory, 0o755);
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function run(script: Script, options: { args?: string[]; mode?: number; owner?: number } = {}) {
    const fake = await startFake(script);
    const keyFile = join(directory, `key${fake.port}`);
    writeFileSync(keyFile, `${key.toString('hex')}\n`);
    chmodSync(keyFile, options.mode ?? 0o600);
    chownSync(keyFile, options.owner ?? 0, 0);
    let uids = '';
    const where = [`agent=127.0.0.1:${fake.port}`, `key=${keyFile}`, 'timeout=1'];
    const child = spawn(join(made, 'gatehouse-keys'), [
      ...where,
      ...(options.args ?? ['alice', fingerprint]),
    ]);
    fake.look = () => {
      try {
        uids = /^Uid:.*$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[0] ?? '';
      } catch {
        uids = 'gone';
      }
    };
    try {
      const [said, log] = await Promise.all([
        readText(child.stdout),
        readText(child.stderr),
        once(child, 'close'),
      ]);
      expect(log).not.toContain('Sanitizer');
      return { said, log, code: child.exitCode, signal: child.signalCode, uids, asked: fake.requests() };
    } finally {
      fake.close();
    }
  }

  test('asks for one key of one login, as nobody, and prints its line', async () => {
    const result = await run(answering(found));
    expect(result).toMatchObject({ said: `${line}\n`, code: 0 });
    expect(result.asked).toEqual([
      expect.objectContaining({ ask: 'keys', store: 'ssh', channel: 'ssh', login: 'alice', fingerprint }),
    ]);
    expect(result.uids).toBe('Uid:\t65534\t65534\t65534\t65534');
  });

  test.each([
    ['deny', 0],
    ['unknown', 0],
    ['throttled', 0],
    ['ask', 0],
    ['unavailable', 1],
  ])('%s is no key', async (verdict, code) => {
    const result = await run(answering(formatMessage({ verdict, key_line: line })));
    expect(result).toMatchObject({ said: '', code });
  });

  const lies: Record<string, Script> = {
    'an impostor without the key': async (peer) => {
      await greet(peer);
      peer.say(`${'0'.repeat(64)}\n${found}`);
    },
    'an answer before any proof': async (peer) => peer.say(found),
    'a second line in the value': answering('verdict allow\nkey_line a%0Acommand%3D%22x%22\nend\n'),
    'a carriage return in the value': answering('verdict allow\nkey_line a%0Db\nend\n'),
    'a second line in the message': answering(`verdict allow\nkey_line a\nkey_line ${'b'.repeat(9)}\nend\n`),
    'more than a line may have': answering(`verdict allow\nkey_line ${'a'.repeat(2049)}\nend\n`),
    'an answer cut one byte before its end': answering(found.slice(0, -1)),
    'a connection cut after the question': async (peer) => {
      await question(peer);
      peer.close();
    },
    'no answer at all': prove,
    'an allow without a key': answering('verdict allow\nend\n'),
  };
  test.each(Object.keys(lies))('prints nothing for %s', async (name) => {
    const result = await run(lies[name] ?? prove);
    expect(result.said).toBe('');
    expect(result.signal).toBeNull();
    expect(result.code).toBe(name === 'an allow without a key' ? 0 : 1);
  });

  test.each([
    ['its key is open to others', { mode: 0o644 }],
    ['its key is not root’s', { owner: 1 }],
    ['nothing is asked', { args: [] as string[] }],
    ['the fingerprint is missing', { args: ['alice'] }],
    ['an option is unknown', { args: ['keys=1', 'alice', fingerprint] }],
    ['the login is longer than any', { args: ['a'.repeat(256), fingerprint] }],
  ])('asks nobody when %s', async (_, options) => {
    const result = await run(answering(found), options);
    expect(result).toMatchObject({ said: '', code: 1, asked: [] });
  });
});
