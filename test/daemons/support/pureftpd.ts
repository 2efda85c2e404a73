/** A real Pure-FTPd that asks the agent of a site, as `docs/ftp.md` has it, for virtual users that share one uid. */
import { mkdirSync } from 'node:fs';
import { freePort, start, until } from './processes.ts';
import { connects, makeCertificate, type Site } from './site.ts';

export interface PureFtpd {
  /** The site, with this server behind its FTP port. */
  readonly site: Site;
  end(): Promise<void>;
}

/** `backends`: what Pure-FTPd asks, in this order; the agent alone unless said. */
export async function startPureFtpd(
  site: Site,
  backends: readonly string[] = [`extauth:${site.folder}/pure-ftpd.sock`],
): Promise<PureFtpd> {
  const port = await freePort();
  // Its list of sessions is at a fixed place.
  mkdirSync('/run/pure-ftpd', { recursive: true, mode: 0o700 });
  const { key, certificate } = makeCertificate(site.folder, `pure-ftpd-${port}`);
  const server = start(
    '/bin/sh',
    [
      // A socket for its input, as Node gives, is an inetd to it.
      ...['-c', 'exec /usr/local/sbin/pure-ftpd "$@" </dev/null', 'pure-ftpd'],
      ...backends.flatMap((backend) => ['-l', backend]),
      ...['-A', '-E', '-H', '-u', '1000', '-S', `127.0.0.1,${port}`],
      ...['-g', `${site.folder}/pure-ftpd-${port}.pid`, '-Y', '1', '-2', `${certificate},${key}`],
      // KB/s: a transfer that lasts, so that it can be caught in the middle.
      ...['-c', '200', '-C', '200', '-T', '200'],
    ],
    { env: { PATH: '/usr/sbin:/usr/bin:/bin' } },
  );
  await until(() => connects(port), 'Pure-FTPd to listen', 15_000, server.said);
  return { site: { ...site, ftpPort: port }, end: () => server.end() };
}
