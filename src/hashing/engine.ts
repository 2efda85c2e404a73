/** The two computers of crypt(3) text: the system's libcrypt, half again as fast, and bcryptjs, which is always there. */
import { createRequire } from 'node:module';
import { hashSync } from 'bcryptjs';
import type { Computer } from '../domain/hashes/scheme.ts';
import { openArgon2 } from './argon2.ts';
import type { EngineName, EngineWish } from './job.ts';

export interface Engine {
  readonly name: EngineName;
  /** What a call of bcrypt costs beside its rounds, in rounds (measured): libcrypt tests itself each time. */
  readonly callRounds: number;
  /** `phrase`: UTF-8 text without NUL. Returns the setting followed by the digest; throws for a setting it cannot do. */
  crypt(phrase: Uint8Array, setting: string): string;
}

const fromHere = createRequire(import.meta.url);
const libraries = ['libcrypt.so.1', 'libcrypt.so.2'];
/** `sizeof (struct crypt_data)` of libxcrypt; the struct is this thread's own, so that threads do not meet in it. */
const structBytes = 32_768;
const usedBytes = 72;

export const bcryptjsEngine: Engine = {
  name: 'bcryptjs',
  callRounds: 0,
  crypt(phrase, setting) {
    if (!setting.startsWith('$2b$')) throw new Error('bcryptjs computes bcrypt only');
    return hashSync(Buffer.from(phrase).toString('utf8'), setting);
  },
};

/** Loads libcrypt through koffi; throws where either is missing. */
export function openLibcrypt(): Engine {
  const koffi: typeof import('koffi') = fromHere('koffi');
  const library = firstThatOpens(libraries, (name) => koffi.load(name));
  const cryptR = library.func('crypt_r', 'str', ['const uint8_t *', 'str', 'void *']);
  const struct = Buffer.alloc(structBytes);
  return {
    name: 'libcrypt',
    callRounds: 3,
    crypt(phrase, setting) {
      // It refuses phrases of 512 bytes and more, even where the scheme would only read the first 72.
      const used = setting.startsWith('$2') ? phrase.subarray(0, usedBytes) : phrase;
      const terminated = Buffer.alloc(used.length + 1);
      terminated.set(used);
      const text: unknown = cryptR(terminated, setting, struct);
      terminated.fill(0);
      // `*0` and `*1` are its failures; as a stored hash they would otherwise match each other.
      if (typeof text !== 'string' || text.startsWith('*')) throw new Error('libcrypt refused the setting');
      return text;
    },
  };
}

function firstThatOpens<T>(names: readonly string[], open: (name: string) => T): T {
  const faults: string[] = [];
  for (const name of names) {
    try {
      return open(name);
    } catch (error) {
      faults.push(String(error));
    }
  }
  throw new Error(faults.join('; '));
}

const published = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

/** What is wrong with an engine, judged by a published vector and by bcryptjs on a random phrase. */
export function engineFault(engine: Engine, probe: string): string | undefined {
  if (engine.crypt(Buffer.from('U*U'), published.slice(0, 29)) !== published)
    return 'fails the published vector';
  const setting = '$2b$04$abcdefghijklmnopqrstuu';
  const phrase = Buffer.from(probe);
  if (engine.crypt(phrase, setting) !== bcryptjsEngine.crypt(phrase, setting))
    return 'disagrees with bcryptjs';
  return undefined;
}

/** The engine in use, and why it is not libcrypt if that was wished for. A wrong engine must never store a hash. */
export function chooseEngine(
  wish: EngineWish,
  probe: string,
  open: () => Engine = openLibcrypt,
): { readonly engine: Engine; readonly fault?: string } {
  const own = engineFault(bcryptjsEngine, probe);
  if (own !== undefined) throw new Error(`bcryptjs ${own}`);
  if (wish === 'bcryptjs') return { engine: bcryptjsEngine };
  try {
    const engine = open();
    const fault = engineFault(engine, probe);
    return fault === undefined ? { engine } : { engine: bcryptjsEngine, fault: `libcrypt ${fault}` };
  } catch (error) {
    return { engine: bcryptjsEngine, fault: String(error) };
  }
}

/** What can be computed with this engine, and with Argon2 or without. */
export function computersWith(engine: EngineName, argon2: boolean): Computer[] {
  return [
    'bcrypt',
    'itself',
    ...(engine === 'libcrypt' ? ['crypt' as const] : []),
    ...(argon2 ? ['argon2' as const] : []),
  ];
}

/** What this machine computes, asked in this thread: for programs that have no hash threads. */
export function computersHere(): Computer[] {
  try {
    return computersWith(openLibcrypt().name, openArgon2() !== undefined);
  } catch {
    return computersWith('bcryptjs', openArgon2() !== undefined);
  }
}
