import type { Door } from './door.ts';
import { dovecot } from './dovecot.ts';
import { proftpd } from './proftpd.ts';
import { pureFtpd } from './pureftpd.ts';
import { sshd } from './sshd.ts';
import { vsftpd } from './vsftpd.ts';

export type { Door, FoundSession, ProcessRow } from './door.ts';

export const doors: readonly Door[] = [sshd, proftpd, vsftpd, pureFtpd, dovecot];
