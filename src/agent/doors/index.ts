import type { Door } from './door.ts';
import { dovecot } from './dovecot.ts';
import { proftpd } from './proftpd.ts';
import { pureFtpd } from './pureftpd.ts';
import { sshd } from './sshd.ts';
import { telnetd } from './telnetd.ts';
import { vsftpd } from './vsftpd.ts';

export type { Door, FoundSession, ProcessRow } from './door.ts';

/** The door of that channel, also under the name that file transfer gives it. */
export const doorOf = (channel: string): Door | undefined =>
  doors.find((door) => door.channel === channel || door.fileTransferChannel === channel);

export const doors: readonly Door[] = [sshd, proftpd, vsftpd, pureFtpd, dovecot, telnetd];
