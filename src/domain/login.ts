/** Login names: one spelling each, so that `Alice` and `alice` share one account and one guess counter. */

const loginPattern = /^[a-z0-9_][a-z0-9._@+-]{0,127}$/;

export const loginRule = '1 to 128 of a-z 0-9 . _ @ + - (case does not matter), not starting with a sign';

/** Longer than any login: compatibility forms of one character may be eighteen long. */
const keptLength = 255;

/**
 * The one spelling under which a login is stored, looked up and counted. Never refuses (use `isLogin` for that), so it
 * takes what no database column holds for what it is: the name of nobody.
 */
export function canonicalLogin(text: string): string {
  const kept = text.normalize('NFKC').toLowerCase().slice(0, keptLength);
  return kept.replaceAll(/\0|\p{Surrogate}/gu, '\ufffd');
}

/** Whether a canonical login may be given to an account. */
export function isLogin(canonical: string): boolean {
  return loginPattern.test(canonical);
}

/** System users of the usual distributions: a customer of that name would pass for one of them on a host. */
const reserved = new Set(
  (
    'root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody systemd-network ' +
    'systemd-resolve systemd-timesync messagebus sshd _apt postgres mysql mariadb redis ftp proftpd pure-ftpd vsftpd ' +
    'dovecot dovenull postfix opendkim rspamd vmail nginx apache httpd bind named ntp chrony unbound tss polkitd ' +
    'operator halt shutdown adm wheel unknown gatehouse'
  ).split(' '),
);

export const reservedSentence = 'This name belongs to the system of hosting machines.';

/** Whether a canonical login is a name that hosts keep for themselves: not for accounts, and not for SSH. */
export function isReserved(canonical: string): boolean {
  return reserved.has(canonical);
}
