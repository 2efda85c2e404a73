/**
 * Passwords that are known to have leaked, as files of SHA-1 digests in the form of Have I Been Pwned: a folder of
 * range files (`21BD1.txt`: the other 35 digits, a colon, a count), or one file sorted by digest. Read only, offline:
 * nothing about a password leaves the machine.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @throws when the set cannot be read: whoever asks decides what that means. */
export type Breached = (password: string) => Promise<boolean>;

const prefixDigits = 5;
const digestDigits = 40;

const digestOf = (password: string) =>
  createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase();

/** @throws when there is no such folder or file, or it does not look like a set: a typo must not turn the rule off. */
export function openBreachSet(path: string): Breached {
  return statSync(path).isDirectory() ? inRanges(path) : inSortedFile(path);
}

function inRanges(folder: string): Breached {
  return async (password) => {
    const digest = digestOf(password);
    const text = await readFile(join(folder, `${digest.slice(0, prefixDigits)}.txt`), 'latin1');
    const rest = digest.slice(prefixDigits);
    return text.split('\n').some((line) => line.slice(0, rest.length).toUpperCase() === rest);
  };
}

/** Long enough for any line: digest, colon, count, line end. */
const lineBytes = 128;

/** The first whole line that starts at or after `at`; undefined behind the last one. */
async function lineAt(file: FileHandle, at: number): Promise<string | undefined> {
  const from = Math.max(0, at - 1);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(2 * lineBytes), 0, 2 * lineBytes, from);
  const text = buffer.toString('latin1', 0, bytesRead);
  const begin = at === 0 ? 0 : text.indexOf('\n') + 1;
  if (at !== 0 && begin === 0) return undefined;
  const line = text.slice(begin).split('\n', 1)[0]?.trim();
  if (!line) return undefined;
  if (!/^[0-9A-Fa-f]{40}(:\d+)?$/.test(line)) throw new Error('the breach set is not a sorted list of SHA-1');
  return line.slice(0, digestDigits).toUpperCase();
}

function inSortedFile(path: string): Breached {
  return async (password) => {
    const digest = digestOf(password);
    const file = await open(path, 'r');
    try {
      let [low, high] = [0, (await file.stat()).size];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const found = await lineAt(file, middle);
        if (found === digest) return true;
        if (found === undefined || found > digest) high = middle;
        else low = middle + 1;
      }
      return (await lineAt(file, low)) === digest;
    } finally {
      await file.close();
    }
  };
}
