/** Files that the environment names: what they must hold, and what is wrong with them. */
import { z } from 'zod';
import { readKept } from './keep-file.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export const clientKey = z.string().regex(/^ghc_[A-Za-z0-9_-]{20,200}$/, 'must be a client key (ghc_…)');

export function keyFaults(env: Variables): string[] {
  if (env.GATEHOUSE_KEY && env.GATEHOUSE_KEY_FILE)
    return ['GATEHOUSE_KEY and GATEHOUSE_KEY_FILE: set only one'];
  if (env.GATEHOUSE_KEY) return [];
  if (!env.GATEHOUSE_KEY_FILE) return ['GATEHOUSE_KEY or GATEHOUSE_KEY_FILE must be set'];
  return fileFaults('GATEHOUSE_KEY_FILE', env, readKeyFile);
}

/** What is wrong with the file that a variable names, if it names one. */
export function fileFaults(name: string, env: Variables, use: (file: string) => unknown): string[] {
  const file = env[name]?.trim();
  if (!file) return [];
  try {
    use(file);
    return [];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`];
  }
}

export function readKeyFile(file: string): string {
  const text = readKept(file)?.trim();
  if (text === undefined) throw new Error(`${file} is not there`);
  if (!clientKey.safeParse(text).success) throw new Error(`${file} does not hold a client key (ghc_…)`);
  return text;
}
