/** `$argon2i$` and `$argon2id$` (RFC 9106) in the form of the PHC string format, version 1.3. */
import { countFault } from './crypt-scheme.ts';
import { withoutLabel } from './label.ts';
import { memoryFault } from './memory.ts';
import type { HashScheme } from './scheme.ts';

interface Argon2Params {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: string;
  readonly digest: string;
}

const form =
  /^\$argon2(i|id)\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;

const mostPasses = 64;
const mostLanes = 16;

function faultOf({ memoryKib, passes, lanes }: Argon2Params): string | undefined {
  return (
    countFault('The passes of Argon2', passes, { min: 1, max: mostPasses }) ??
    countFault('The lanes of Argon2', lanes, { min: 1, max: mostLanes }) ??
    (memoryKib < 8 * lanes ? 'Argon2 takes at least 8 KiB of memory a lane.' : undefined) ??
    memoryFault('Argon2', memoryKib * 1024, memoryKib * 1024 * passes)
  );
}

const kind = (name: string, type: 'i' | 'id', labels: readonly string[]): HashScheme<Argon2Params> => ({
  name,
  computer: 'argon2',
  recognise(stored) {
    const [, is, memory, passes, lanes, salt, digest] = form.exec(withoutLabel(stored, labels) ?? '') ?? [];
    if (is !== type || salt === undefined || digest === undefined) return null;
    return { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes), salt, digest };
  },
  outOfBounds: faultOf,
  outdated: () => true,
  prepare(password, { memoryKib, passes, lanes, salt, digest }) {
    const bytes = Math.floor((digest.length * 3) / 4);
    const setting = [type, memoryKib, passes, lanes, bytes, salt].join('$');
    const rounds = Math.round((memoryKib * passes) / 150);
    const work = { scheme: name, phrase: Buffer.from(password), setting, rounds, guessed: true } as const;
    return { work, expected: digest };
  },
});

export const argon2 = [
  kind('argon2i', 'i', ['ARGON2I', 'ARGON2', 'CRYPT']),
  kind('argon2id', 'id', ['ARGON2ID', 'ARGON2', 'CRYPT']),
];
