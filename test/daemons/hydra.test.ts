/**
 * A word list against one account, by the real `hydra` at SSH and FTP and by a loop at the API. With the limits the
 * right word is in the list and is not found; the same tools find it once the counters are emptied all the time.
 * HYDRA_WORDS: how long the list is (the right word stands at three quarters); 2000 takes minutes.
 */
import { existsSync, writeFileSync } from 'node:fs';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ftp, ssh } from './support/clients.ts';
import { missingForDaemons } from './support/host.ts';
import { start } from './support/processes.ts';
import { openSite, type Site } from './support/site.ts';

const missing = missingForDaemons() ?? (existsSync('/usr/bin/hydra') ? undefined : missingHydra());
const total = Number(process.env.HYDRA_WORDS ?? '200');
const login = 'ghtword';
const right = 'harbour lanterns at dusk';

function missingHydra(): string {
  if (process.env.CI === 'true') throw new Error('hydra is missing');
  return 'hydra is missing';
}

function wordList(length: number): string[] {
  const words = Array.from({ length }, (_, i) => `a wrong word, number ${i}`);
  words[Math.floor(length * 0.75)] = right;
  return words;
}

describe.skipIf(missing !== undefined)('a word list against one account', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
    await site.addAccount(login, { ssh: right, ftp: right, panel: right });
  });
  afterAll(() => site.close());

  async function hydra(door: 'ssh' | 'ftp', words: readonly string[], tasks: number): Promise<string> {
    const file = `${site.folder}/words-${door}`;
    writeFileSync(file, `${words.join('\n')}\n`);
    const port = String(door === 'ssh' ? site.sshPort : site.ftpPort);
    const run = start(
      '/usr/bin/hydra',
      [...['-I', '-f', '-t', String(tasks), '-l', login, '-P', file, '-s', port, `${door}://127.0.0.1`]],
      { cwd: site.folder },
    );
    await run.over;
    return run.said();
  }

  async function loop(words: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const password of words) {
      const answer = await site.call<{ decision: string }>(
        'POST',
        '/v1/authenticate',
        { store: 'ftp', login, password, source_ip: '127.0.0.1', channel: 'ftp' },
        site.client,
      );
      if (answer.body.decision === 'allow') found.push(password);
    }
    return found;
  }

  it(`does not find the right one of ${total}, at SSH, FTP and the API`, async () => {
    const words = wordList(total);
    const before = await site.hashes();
    expect(await hydra('ftp', words, 16)).not.toMatch(/password: /);
    const hashed = (await site.hashes()) - before;
    // What was guessed at FTP is counted at the API, which is another door to the same login.
    expect(await loop(words)).toEqual([]);
    // sshd answers a few guesses a second, throttled or not: a shorter list, with the right word at three quarters too.
    expect(await hydra('ssh', wordList(Math.ceil(total / 12)), 8)).not.toMatch(/password: /);
    process.stderr.write(`hydra: ${total} words at FTP cost ${hashed} hashes\n`);
    expect(hashed).toBeLessThan(40);
    expect(await ftp(site, login, right).over).toBe(67);
    expect(await ssh(site, login, right, 'true').over).not.toBe(0);
  }, 600_000);

  it('finds it with the counters emptied all the time', async () => {
    const sql = postgres(site.databaseUrl, { max: 1 });
    let off = true;
    const emptying = (async () => {
      while (off) await sql`delete from attempts`;
    })();
    try {
      const words = wordList(40);
      const found = new RegExp(`password: ${right}`);
      expect(await hydra('ftp', words, 8)).toMatch(found);
      expect(await hydra('ssh', wordList(Math.ceil(total / 12)), 8)).toMatch(found);
      expect(await loop(words)).toEqual([right]);
    } finally {
      off = false;
      await emptying;
      await sql.end();
    }
  }, 300_000);
});
