/** Rows to work on, written by SQL: an account and credential each, live sessions with real tokens, client keys. */
import { createHash, randomBytes } from 'node:crypto';
import type postgres from 'postgres';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** A client's key with these scopes. */
export async function seedClient(
  sql: postgres.Sql,
  name: string,
  scopes: readonly string[],
): Promise<string> {
  const key = `ghc_${randomBytes(32).toString('base64url')}`;
  await sql`insert into clients (id, name, key_hash, scopes, created_at)
    values (${`cli_${name}`}, ${name}, ${sha256(key)}, ${[...scopes]}, now())`;
  return key;
}

/** So many accounts `<prefix>1`…, each with a panel credential of the hash that `hashOf` gives. */
export async function seedAccounts(
  sql: postgres.Sql,
  prefix: string,
  count: number,
  hashOf: (index: number) => string = () => '$gh1$none$',
): Promise<void> {
  const hashes = Array.from({ length: count }, (_, index) => hashOf(index));
  await sql`insert into accounts (id, login, created_at, updated_at)
    select ${`acc_${prefix}`} || n, ${prefix} || n, now(), now() from generate_series(1, ${count}::int) n`;
  await sql`insert into credentials (id, account_id, store, login, hash, scheme, created_at, updated_at)
    select ${`crd_${prefix}`} || n, ${`acc_${prefix}`} || n, 'panel', ${prefix} || n, hash, 'gatehouse', now(), now()
      from unnest(${hashes}::text[]) with ordinality as given(hash, n)`;
}

/** One live panel session for each of the first `count` accounts of `prefix`: their tokens and ids. */
export async function seedSessions(
  sql: postgres.Sql,
  prefix: string,
  count: number,
): Promise<{ readonly id: string; readonly token: string }[]> {
  const made = Array.from({ length: count }, () => ({
    id: `ses_${randomBytes(15).toString('base64url')}`,
    token: `ghs_${randomBytes(32).toString('base64url')}`,
  }));
  const hashes = made.map(({ token }) => sha256(token).toString('hex'));
  await sql`insert into sessions (id, token_hash, account_id, credential_id, credential_epoch, login, store, channel,
      profile, method, source_ip, user_agent, opened_at, last_seen_at, idle_ms, absolute_at)
    select id, decode(hash, 'hex'), ${`acc_${prefix}`} || n, ${`crd_${prefix}`} || n, 1, ${prefix} || n, 'panel', 'panel',
      'standard', 'password', '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      now(), now(), 900000, now() + interval '8 hours'
      from unnest(${made.map(({ id }) => id)}::text[], ${hashes}::text[]) with ordinality as given(id, hash, n)`;
  await sql`vacuum analyze`;
  return made;
}
