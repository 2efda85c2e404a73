/** Logins that cost one hash each: every account once, with its own password, from a network of its own. */
import type postgres from 'postgres';
import { rawRequest } from './http.ts';
import type { RawHash } from './raw-hash.ts';
import { seedAccounts } from './seed.ts';

let used = 0;

/** Fresh accounts for one round. The passwords come again in other rounds, under names that were not judged yet. */
export async function freshLogins(sql: postgres.Sql, key: string, hashes: RawHash): Promise<string[]> {
  const round = used++;
  const prefix = `round${round}n`;
  const { logins } = hashes;
  await seedAccounts(sql, prefix, logins.length, (n) => logins[n]?.hash ?? '');
  return logins.map(({ password }, n) =>
    rawRequest(
      'POST',
      '/v1/authenticate',
      { authorization: `Bearer ${key}` },
      JSON.stringify({
        store: 'panel',
        login: `${prefix}${n + 1}`,
        password,
        source_ip: `10.${n & 255}.${n >> 8}.${round + 1}`,
        open_session: true,
      }),
    ),
  );
}
