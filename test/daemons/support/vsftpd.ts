/** A real vsftpd under the files of `deploy/`, for virtual users that all share one uid. */
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { projectRoot } from '../../support/build.ts';
import { addPamService, addUser, removePamService, removeUser } from './host.ts';
import { freePort, start, until } from './processes.ts';
import { connects, type Site, sharedUid } from './site.ts';

export interface Vsftpd {
  /** The site, with this server behind its FTP port. */
  readonly site: Site;
  /** A folder for a virtual user, and a file in it that takes a while to download. */
  addHome(login: string, file: Buffer): void;
  end(): Promise<void>;
}

const guest = 'ghtguest';

export async function startVsftpd(site: Site): Promise<Vsftpd> {
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
    // Bytes per second: a transfer that lasts, so that it can be caught in the middle.
    'local_max_rate=200000',
    'anon_max_rate=200000',
    'max_per_ip=0',
    `vsftpd_log_file=${site.folder}/vsftpd.log`,
  ];
  const shipped = readFileSync(`${projectRoot}/deploy/vsftpd/vsftpd.conf`, 'utf8');
  writeFileSync(config, `${shipped}${here.join('\n')}\n`, { mode: 0o600 });
  const server = start('/usr/local/sbin/vsftpd', [config], { env: { PATH: '/usr/sbin:/usr/bin:/bin' } });
  await until(() => connects(port), 'vsftpd to listen', 15_000, server.said);
  return {
    site: { ...site, ftpPort: port },
    addHome: (login, file) => {
      const home = `${roots}/${login}`;
      mkdirSync(home, { recursive: true });
      writeFileSync(`${home}/large.bin`, file);
      for (const path of [home, `${home}/large.bin`]) chownSync(path, sharedUid, sharedUid);
    },
    end: async () => {
      await server.end();
      removePamService(service);
      removeUser(guest);
    },
  };
}
