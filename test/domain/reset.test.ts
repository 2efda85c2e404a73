import { describe, expect, it } from 'vitest';
import { type MailedReset, resetLetter, resetVerdict } from '../../src/domain/reset.ts';

const minute = 60_000;
const at = (minutes: number) => new Date(minutes * minute);

/** When mails go out to somebody who asks, or is asked for, every minute; in minutes. */
function mailsOfAFlood(minutes: number, usedAt?: number): number[] {
  const mailed: MailedReset[] = [];
  const times: number[] = [];
  for (let now = 0; now < minutes; now++) {
    const day = mailed.filter(({ createdAt }) => createdAt.getTime() > (now - 1440) * minute);
    if (resetVerdict(day, 0, at(now)) === 'sent') {
      mailed.unshift({ createdAt: at(now), used: now === usedAt });
      times.push(now);
    }
  }
  return times;
}

describe('a flood of requests for one account', () => {
  const times = mailsOfAFlood(3 * 1440);

  it('three an hour, ten a day', () => {
    for (const time of times) {
      expect(times.filter((each) => each >= time && each < time + 60).length).toBeLessThanOrEqual(3);
      expect(times.filter((each) => each >= time && each < time + 1440).length).toBeLessThanOrEqual(10);
    }
    expect(times.length).toBeGreaterThan(10);
  });

  it('the gaps grow to an hour: a second mail at once, then ever later', () => {
    expect(times.slice(0, 5)).toEqual([0, 1, 6, 60, 105]);
    const later = times.slice(4, 10);
    for (const [i, time] of later.slice(1).entries())
      expect(time - (later[i] ?? 0)).toBeGreaterThanOrEqual(60);
  });

  it('a link that was used answers those before it', () => {
    expect(mailsOfAFlood(180)).not.toContain(61);
    expect(mailsOfAFlood(180, 6)).toContain(61);
  });

  it('twenty an hour from one source', () => {
    expect(resetVerdict([], 19, at(0))).toBe('sent');
    expect(resetVerdict([], 20, at(0))).toBe('source_cap');
  });
});

it('the letter says who asked, what happens, and that a second factor stays', () => {
  const facts = {
    login: 'alice',
    store: 'panel',
    source: '192.0.2.1/32',
    at: at(0),
    link: 'https://x/reset',
  };
  const text = resetLetter({ ...facts, secondFactor: true }).paragraphs.join('\n');
  expect(text).toMatch(/from 192\.0\.2\.1, on 1 January 1970, 00:00 UTC/);
  expect(text).toMatch(/second factor stays/);
  expect(text).toMatch(/This was not me/);
});
