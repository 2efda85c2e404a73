/** The key that the agent shares with the PAM module of this host. */
import { pamKeyBytes, parsePamKey } from '../protocol/pam.ts';
import type { World } from '../world.ts';
import { isExposed, makeSecretOnce, readText } from './hands-files.ts';

/** Reads the key, made at the first start. Throws when it is no key, or when others than root may know it. */
export async function pamKey(path: string, world: World): Promise<Buffer> {
  await makeSecretOnce(path, `${world.random(pamKeyBytes).toString('hex')}\n`);
  if (isExposed(path)) throw new Error(`${path} must belong to the agent's user with mode 0600`);
  const key = parsePamKey(readText(path));
  if (!key) throw new Error(`${path} does not hold 64 hexadecimal digits`);
  return key;
}
