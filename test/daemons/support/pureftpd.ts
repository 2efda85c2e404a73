/** A real Pure-FTPd that asks the agent of a site, as `docs/ftp.md` has it, for virtual users that share one uid. */
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { type FtpServer, largeFile, slowly } from './ftp-server.ts';
import { listens } from './lines.ts';
import { freePort, start, until } from './processes.ts';
import { makeCertificate, type Site, sharedUid } from './site.ts';

/** `backends`: what Pure-FTPd asks, in this order; the agent alone unless said. */
export async function startPureFtpd(
  site: Site,
  backends: readonly string[] = [`extauth:${site.folder}/pure-ftpd.sock`],
): Promise<FtpServer> {
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
      ...['-c', '200', '-C', '200', '-T', String(slowly)],
    ],
    { env: { PATH: '/usr/sbin:/usr/bin:/bin' } },
  );
  await until(() => listens(port), 'Pure-FTPd to listen', 15_000, server.said);
  return {
    site: { ...site, ftpPort: port },
    addLargeFile: (_, owner) => {
      const file = `${site.folder}/home/${owner}/large.bin`;
      writeFileSync(file, randomBytes(largeFile));
      chownSync(file, sharedUid, sharedUid);
    },
    end: () => server.end(),
  };
}
