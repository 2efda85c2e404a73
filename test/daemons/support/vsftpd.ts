/** A real vsftpd under the files of `deploy/`, for virtual users that all share one uid. */
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { projectRoot } from '../../support/build.ts';
import { type FtpServer, largeFile, slowly } from './ftp-server.ts';
import { addPamService, addUser, removePamService, removeUser } from './host.ts';
import { listens } from './lines.ts';
import { freePort, start, until } from './processes.ts';
import { type Site, sharedUid } from './site.ts';

const guest = 'ghtguest';

export async function startVsftpd(site: Site): Promise<FtpServer> {
  const port = await freePort();
  const service = `gatehouse-test-vsftpd-${port}`;
  const roots = `${site.folder}/vsftpd`;
  mkdirSync(`${roots}/empty`, { recursive: true });
  addUser(guest, sharedUid, roots);
  addPamService(service, site.shippedPam('vsftpd'));
  const config = `${site.folder}/vsftpd.conf`;
  const here = [
    `listen_address=127.0.0.1`,
    `listen_port=${port}`,
    `pam_service_name=${service}`,
    `guest_username=${guest}`,
    `local_root=${roots}/$USER`,
    `secure_chroot_dir=${roots}/empty`,
    // Bytes per second.
    ...['local', 'anon'].map((who) => `${who}_max_rate=${slowly * 1000}`),
    'max_per_ip=0',
    `vsftpd_log_file=${site.folder}/vsftpd.log`,
  ];
  const shipped = readFileSync(`${projectRoot}/deploy/vsftpd/vsftpd.conf`, 'utf8');
  writeFileSync(config, `${shipped}${here.join('\n')}\n`, { mode: 0o600 });
  const server = start('/usr/local/sbin/vsftpd', [config], { env: { PATH: '/usr/sbin:/usr/bin:/bin' } });
  await until(() => listens(port), 'vsftpd to listen', 15_000, server.said);
  return {
    site: { ...site, ftpPort: port },
    addLargeFile: (login) => {
      const home = `${roots}/${login}`;
      mkdirSync(home, { recursive: true });
      writeFileSync(`${home}/large.bin`, randomBytes(largeFile));
      for (const path of [home, `${home}/large.bin`]) chownSync(path, sharedUid, sharedUid);
    },
    end: async () => {
      await server.end();
      removePamService(service);
      removeUser(guest);
    },
  };
}
