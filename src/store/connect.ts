/** A connection by a URL, as libpq reads it. */
import postgres from 'postgres';

/**
 * `?host=/folder` names the folder of a Unix socket (PostgreSQL, "Connection URIs"): the driver knows it as an option
 * alone. On the same machine a socket costs less than TCP on loopback does, and nobody else can listen there.
 */
export function connectTo(url: string, options: postgres.Options<Record<string, never>> = {}): postgres.Sql {
  if (!/[?&]host=(\/|%2f)/i.test(url)) return postgres(url, options);
  const said = new URL(url);
  const folder = said.searchParams.get('host');
  said.searchParams.delete('host');
  return postgres(said.href, { ...options, path: `${folder}/.s.PGSQL.${said.port || 5432}` });
}
