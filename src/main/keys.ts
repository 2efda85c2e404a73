/** The key ring file: made on the first start, owner-only, the one thing besides the database that a backup needs. */
import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Finding } from '../domain/finding.ts';
import type { KeyRing } from '../domain/keyring.ts';
import type { World } from '../world.ts';
import { keepFile, readKept } from './keep-file.ts';

const keyBytes = 32;

const key = z
  .base64('is not base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length >= keyBytes, `is shorter than ${keyBytes} bytes`);
const named = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{1,32}$/, 'is not 1 to 32 of a-z and 0-9'),
  key,
});
const ringFile = z.strictObject({
  /** The last one is current. */
  pepper: z
    .array(named)
    .min(1)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'names an id twice'),
  digest: named,
  created_at: z.iso.datetime(),
});

/**
 * Reads `file`, or makes it: 32 random bytes a key. Processes that start together agree on one ring.
 * @throws when others may read it, when it is malformed, or when a key is too short. The message never quotes the file.
 */
export function loadKeys(file: string, world: World): KeyRing {
  const text = keepFile(file, world, () => freshRing(world));
  const parsed = ringFile.safeParse(jsonOf(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    throw new Error(`${file} is not a key ring (${faults.join('; ')}): put the file back from the backup`);
  }
  const { pepper, digest } = parsed.data;
  const byId = new Map(pepper.map((each) => [each.id, each]));
  const current = pepper.at(-1);
  if (!current) throw new Error(`${file} holds no pepper`);
  return {
    pepper: { current, byId: (id) => byId.get(id) },
    digest: digest.key,
    fingerprint: fingerprintOf(pepper[0] ?? current, digest),
  };
}

function freshRing(world: World): string {
  const make = () => ({
    id: world.random(4).toString('hex'),
    key: world.random(keyBytes).toString('base64'),
  });
  const ring = { pepper: [make()], digest: make(), created_at: world.now().toISOString() };
  return `${JSON.stringify(ring, null, 2)}\n`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Over the oldest pepper and the digest key: adding a new pepper does not make it another ring. */
function fingerprintOf(...keys: { id: string; key: Buffer }[]): string {
  const hash = createHash('sha256');
  for (const { id, key } of keys) {
    hash.update(`${id}\n`).update(createHmac('sha256', key).update('gatehouse key ring').digest());
  }
  return hash.digest('hex').slice(0, 16);
}

/** What `doctor` says of the key ring; makes none. */
export function examineKeys(file: string): { finding: Finding; fingerprint?: string } {
  if (readKept(file) === undefined) {
    const detail = `${file} is not there: the service makes it on its first start`;
    return { finding: { name: 'keys', ok: false, detail } };
  }
  try {
    const { fingerprint } = loadKeys(file, noWorld);
    const detail = `${file} is in order, fingerprint ${fingerprint}`;
    return { finding: { name: 'keys', ok: true, detail }, fingerprint };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { finding: { name: 'keys', ok: false, detail } };
  }
}

/** Reading an existing ring needs no chance; making one here would be a mistake. */
const noWorld: World = {
  now: () => new Date(0),
  monotonicMs: () => 0,
  random: () => {
    throw new Error('no keys are made here');
  },
};
