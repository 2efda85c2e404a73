/** An FTP server beside the ProFTPD of a site, for virtual users that all share one uid. */
import type { Site } from './site.ts';

export interface FtpServer {
  /** The site, with this server behind its FTP port. */
  readonly site: Site;
  /** Puts `large.bin` into the home of a virtual user of this system user: it takes a while to download. */
  addLargeFile(login: string, owner: string): void;
  end(): Promise<void>;
}

/** KB/s of a transfer that lasts, so that it can be caught in the middle. */
export const slowly = 200;
export const largeFile = 8_000_000;
