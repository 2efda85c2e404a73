/**
 * The second prompt of pam_gatehouse.so: a code is asked for only after the agent said so, goes only to an agent that
 * proved the key anew, and no answer, odd or missing, lets anybody in. The person may take his time, the agent not.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answering,
  type Fake,
  greet,
  type Peer,
  prove,
  question,
  type Script,
  startFake,
} from '../../pam/test/fake-agent.ts';
import {
  buildModule,
  defaultPassword,
  type Options,
  runSteps,
  whatIsMissing,
} from '../../pam/test/small-daemon.ts';
import { formatMessage, proofLength } from '../../src/protocol/pam.ts';

const [SUCCESS, AUTH_ERR, UNAVAILABLE, ACCT_EXPIRED, SESSION_ERR] = [0, 7, 9, 9, 14];
const ask = formatMessage({ verdict: 'ask', handle: 'hnd_1' });
const allowed = formatMessage({ verdict: 'allow', login_id: 'lgn_1', session_id: 'ses_1' });
const denied = formatMessage({ verdict: 'deny' });
const prompting = 'timeout=1 code=prompt';
const byKey = ['SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA'];

const missing = process.env.CI === 'true' ? undefined : whatIsMissing();

describe.skipIf(missing !== undefined).each(['plain', 'sanitized'])(
  'the second prompt, %s build',
  (build) => {
    let directory = '';
    let made = '';
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'gatehouse-pam-'));
      made = buildModule(build, directory);
    }, 120_000);
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    /** Each connection gets the next script, the last one again and again. */
    async function against(scripts: readonly Script[], steps: readonly string[], options: Options = {}) {
      let at = 0;
      const fake: Fake = await startFake((peer, self) => {
        const script = scripts[Math.min(at++, scripts.length - 1)] ?? prove;
        return script(peer, self);
      });
      try {
        const result = await runSteps(made, fake, steps, { arguments: prompting, ...options });
        expect({ ...result.exit, log: result.log }).toMatchObject({ code: 0, signal: null });
        expect(result.log).not.toContain('Sanitizer');
        expect(result.leakedFiles).toBe(0);
        for (const code of options.codes ?? []) {
          if (code.length >= 6) expect(result.log + result.seen).not.toContain(code);
        }
        return { ...result, fake };
      } finally {
        fake.close();
      }
    }

    describe.concurrent('an honest agent', () => {
      test('gets the code under the handle that it gave, on a connection of its own', async () => {
        const result = await against([answering(ask), answering(allowed)], ['auth', 'open'], {
          codes: ['123 456'],
        });
        expect(result.codes).toMatchObject({ auth: SUCCESS, open: SUCCESS });
        expect(result.asked).toEqual(['Verification code: ']);
        const [first, second, open] = result.fake.requests();
        expect(first).toMatchObject({ ask: 'auth', password: defaultPassword, can_ask: '1' });
        expect(second).toMatchObject({ ask: 'code', handle: 'hnd_1', code: '123 456', login: 'alice' });
        expect(second).not.toHaveProperty('password');
        expect(first).not.toHaveProperty('code');
        expect(open).toMatchObject({ ask: 'open', login_id: 'lgn_1' });
        // The handle is half of a login and no business of the user's.
        expect(result.pamEnv.join('\n')).not.toContain('hnd_1');
      });

      test('may ask again, in its own words, without what a terminal would obey', async () => {
        const again = 'verdict ask\nhandle hnd_2\nmessage Wrong.%1B%5B2J%0ACode:%20\nend\n';
        const result = await against([answering(ask), answering(again), answering(allowed)], ['auth'], {
          codes: ['111111', '222222'],
        });
        expect(result.codes.auth).toBe(SUCCESS);
        expect(result.asked).toEqual(['Verification code: ', 'Wrong.[2JCode: ']);
        expect(result.fake.requests()[2]).toMatchObject({ ask: 'code', handle: 'hnd_2', code: '222222' });
      });

      test('is taken at its word about a wrong code', async () => {
        const result = await against([answering(ask), answering(denied)], ['auth'], { codes: ['111111'] });
        expect(result.codes.auth).toBe(AUTH_ERR);
        expect(result.pamEnv).toEqual([]);
      });

      test('is not kept waiting: typing takes longer than the deadline, and is not part of it', async () => {
        const result = await against([answering(ask), answering(allowed)], ['auth'], {
          codes: ['123456'],
          typingMs: 1800,
        });
        expect(result.codes.auth).toBe(SUCCESS);
        expect(result.ms.auth).toBeGreaterThan(1750);
      });

      test.each([
        ['nothing', ''],
        ['the password once more, as daemons do that cannot ask', defaultPassword],
        ['the login, as daemons do that cannot ask', 'alice'],
        ['more than a code', '1'.repeat(65)],
      ])('hears of no code when what was typed is %s', async (_, code) => {
        const result = await against([answering(ask), answering(allowed)], ['auth'], { codes: [code] });
        expect(result.codes.auth).toBe(AUTH_ERR);
        expect(result.fake.peers).toHaveLength(1);
        expect(result.pamEnv).toEqual([]);
      });

      test('hears of no code when the daemon lets the prompt fail, and the log says what to do', async () => {
        const result = await against([answering(ask), answering(allowed)], ['auth']);
        expect(result.codes.auth).toBe(AUTH_ERR);
        expect(result.fake.peers).toHaveLength(1);
        expect(result.log).toContain('behind the password, in one field');
      });

      test.skipIf(build === 'sanitized')('no copy of the code stays in memory', async () => {
        const shown = answering(formatMessage({ verdict: 'deny', message: 'No.' }));
        // The end of it: what is freed without being wiped loses its first bytes.
        const options = { codes: ['QZ7K-9FJW-PLM3-TT4B-XY2C-HH6D'], needle: 'XY2C-HH6D' };
        expect((await against([answering(ask), shown], ['auth', 'scan'], options)).found).toEqual([0, 0]);
        expect((await against([answering(ask), prove], ['auth', 'scan'], options)).found).toEqual([0]);
      });
    });

    describe.concurrent('a lying or broken agent', () => {
      const codes = Array.from({ length: 12 }, () => '123456');

      test('that asks for ever is asked no more after five codes', async () => {
        const result = await against([answering(ask)], ['auth'], { codes });
        expect(result.codes.auth).toBe(AUTH_ERR);
        expect(result.asked).toHaveLength(5);
        expect(result.fake.peers).toHaveLength(6);
      });

      test.each([
        ['asks where nobody can be asked', ask, 'timeout=1'],
        ['asks where nobody can be asked, by the option', ask, 'timeout=1 code=none'],
        ['asks without a handle', formatMessage({ verdict: 'ask' }), prompting],
        ['asks and allows', formatMessage({ verdict: 'ask', login_id: 'lgn_1' }), prompting],
      ])('%s: nobody is prompted and nobody comes in', async (_, answer, line) => {
        const result = await against([answering(answer), answering(allowed)], ['auth'], {
          codes,
          arguments: line,
        });
        expect(result.codes.auth).toBe(UNAVAILABLE);
        expect(result.asked).toEqual([]);
        expect(result.pamEnv).toEqual([]);
      });

      test('that asks in the account and the session phase is a refusal there', async () => {
        const result = await against([answering(ask)], ['account', 'open'], { codes });
        expect(result.codes).toMatchObject({ account: ACCT_EXPIRED, open: SESSION_ERR });
        expect(result.asked).toEqual([]);
      });

      test('an allow of the code that names no login is none', async () => {
        const bare = answering(formatMessage({ verdict: 'allow' }));
        const result = await against([answering(ask), bare], ['auth'], { codes });
        expect(result.codes.auth).toBe(UNAVAILABLE);
      });

      const faults: Record<string, Script> = {
        'hangs up at once': async (peer: Peer) => peer.close(),
        'resets the connection': async (peer: Peer) => peer.reset(),
        'hangs up after the question': async (peer) => {
          await question(peer);
          peer.close();
        },
        'cuts its answer one byte before the end': answering(allowed.slice(0, -1)),
        'answers twice': answering(allowed + allowed),
        'answers with two verdicts': answering(`verdict deny\n${allowed}`),
      };
      test.each(Object.keys(faults))('that %s when the code comes lets nobody in', async (name) => {
        const result = await against([answering(ask), faults[name] ?? prove], ['auth'], { codes });
        expect(result.codes.auth).toBe(UNAVAILABLE);
        expect(result.asked).toHaveLength(1);
        expect(result.ms.auth).toBeLessThan(900);
      });

      const stalls: Record<string, Script> = {
        'before its greeting': async () => {},
        'after its proof': prove,
        'within its answer': async (peer) => {
          await question(peer);
          await peer.drip(allowed, 200);
        },
      };
      test.each(Object.keys(stalls))(
        'that stalls %s when the code comes is given its time once',
        async (name) => {
          const result = await against([answering(ask), stalls[name] ?? prove], ['signals', 'auth'], {
            codes,
          });
          expect(result.codes.auth).toBe(UNAVAILABLE);
          expect(result.ms.auth).toBeGreaterThanOrEqual(990);
          expect(result.ms.auth).toBeLessThan(1900);
        },
      );

      test('an impostor who takes the port between the two questions gets no code', async () => {
        const impostor: Script = async (peer) => {
          await greet(peer);
          peer.say(`${'0'.repeat(64)}\n${allowed}`);
        };
        const result = await against([answering(ask), impostor], ['auth'], { codes });
        expect(result.codes.auth).toBe(UNAVAILABLE);
        expect(result.fake.peers[1]?.received).toHaveLength(proofLength);
      });
    });

    describe.concurrent('after a key', () => {
      const lineFor = (word: string) => `timeout=1 code=prompt after_key=${word}`;

      test('the code alone is asked for, where the line says so', async () => {
        const result = await against([answering(ask), answering(allowed)], ['auth'], {
          codes: ['123456'],
          arguments: lineFor('code'),
          pamEnv: byKey,
        });
        expect(result.codes.auth).toBe(SUCCESS);
        expect(result.prompts).toBe(0);
        const [factor, code] = result.fake.requests();
        expect(factor).toMatchObject({
          ask: 'factor',
          code_needed: '1',
          ssh_auth_info: 'publickey ssh-ed25519 AAAA',
        });
        expect(factor).not.toHaveProperty('password');
        expect(code).toMatchObject({ ask: 'code', code: '123456' });
      });

      test('an account without a second factor comes in only if the agent says so', async () => {
        const options = { arguments: lineFor('code-if-set'), pamEnv: byKey };
        const good = await against([answering(allowed)], ['auth'], options);
        expect(good.codes.auth).toBe(SUCCESS);
        expect(good.fake.requests()[0]).not.toHaveProperty('code_needed');
        expect((await against([answering(denied)], ['auth'], options)).codes.auth).toBe(AUTH_ERR);
        expect((await against([async (peer) => peer.close()], ['auth'], options)).codes.auth).toBe(
          UNAVAILABLE,
        );
      });

      test.each([
        ['no key was proved', 'code', []],
        ['another method stands there', 'code', ['SSH_AUTH_INFO_0=keyboard-interactive/pam']],
        ['the word is only the beginning of another', 'code', ['SSH_AUTH_INFO_0=publickeyless x\n']],
        ['the line asks for the password as ever', 'password', byKey],
      ])('the password is asked for when %s', async (_, word, pamEnv) => {
        const result = await against([answering(denied)], ['auth'], { arguments: lineFor(word), pamEnv });
        expect(result.prompts).toBe(1);
        expect(result.fake.requests()[0]).toMatchObject({ ask: 'auth', password: defaultPassword });
      });
    });

    test('a line that promises to keep logins from writing says so, and no other does', async () => {
      const options = { arguments: 'timeout=1 read_only=enforced' };
      const kept = await against([answering(denied)], ['auth'], options);
      expect(kept.fake.requests()[0]).toMatchObject({ read_only_enforced: '1' });
      expect(kept.fake.requests()[0]).not.toHaveProperty('can_ask');
      const open = await against([answering(denied)], ['auth']);
      expect(open.fake.requests()[0]).not.toHaveProperty('read_only_enforced');
    });
  },
);
