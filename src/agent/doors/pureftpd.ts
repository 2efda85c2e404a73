import { type ProcessRow, runs } from './door.ts';

/** As Debian builds it, with each of its databases. */
const programs = ['', '-ldap', '-mysql', '-postgresql', '-virtualchroot'].map((kind) => `pure-ftpd${kind}`);

/**
 * The process that asks for a login is the session: it serves the client, as root until the answer and as the customer
 * after it. Its child `pure-ftpd (PRIV)` keeps root for it, and began before the login.
 */
export const isPureFtpd = (row: Pick<ProcessRow, 'program'>): boolean => runs(row, ...programs);
