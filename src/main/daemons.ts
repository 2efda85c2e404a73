/** The file that says how sessions are ended at daemons without an agent: one entry a host, with its secret. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { createDisconnector, type Disconnector, type Way } from '../disconnect/disconnector.ts';
import { wayToNas } from '../disconnect/nas.ts';
import { wayToSftpgo } from '../disconnect/sftpgo.ts';
import { Secret } from '../domain/secret.ts';
import type { World } from '../world.ts';
import { readKept } from './keep-file.ts';

const secret = (min: number) =>
  z
    .string()
    .min(min)
    .max(1024)
    .transform((text) => new Secret(text));

const isLoopback = (host: string) =>
  ['localhost', '[::1]'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host);

const url = z
  .string()
  .refine((text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    return parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
  }, 'must be an https URL (http on loopback only)')
  .transform((text) => text.replace(/\/+$/, ''));

const daemon = z.union([
  z.strictObject({
    radius: z.strictObject({
      address: z.string().refine((text) => isIP(text) !== 0, 'must be an IP address'),
      port: z.number().int().min(1).max(65_535).default(3799),
      secret: secret(8),
    }),
  }),
  z.strictObject({ sftpgo: z.strictObject({ url, api_key: secret(1) }) }),
]);

const daemons = z.record(z.string().min(1).max(255), daemon);

/** By the name of the host, as the session list has it. */
export type Daemons = z.output<typeof daemons>;

/** @throws with what is wrong, and never with a secret. */
export function readDaemons(file: string): Daemons {
  const text = readKept(file);
  if (text === undefined) throw new Error(`${file} is not there`);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not JSON`);
  }
  const parsed = daemons.safeParse(said);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const names = new Set(['radius', 'sftpgo', 'address', 'port', 'secret', 'url', 'api_key']);
  const where = [issue?.path[0], ...(issue?.path.slice(1) ?? []).filter((part) => names.has(String(part)))];
  throw new Error(
    `${file}: ${where.join('.')}: must be {"radius": {address, port?, secret}} or {"sftpgo": {url, api_key}}`,
  );
}

export function disconnectorFor(config: { readonly daemons: Daemons }, world: World): Disconnector {
  const ways = Object.entries(config.daemons).map(([host, said]): [string, Way] => [
    host,
    'radius' in said
      ? wayToNas(said.radius, world)
      : wayToSftpgo({ url: said.sftpgo.url, apiKey: said.sftpgo.api_key }),
  ]);
  return createDisconnector(new Map(ways));
}
