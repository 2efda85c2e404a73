/** Whether a row may come in, and as what. What the database knows of its name is asked later. */
import { z } from 'zod';
import { recogniseHash } from '../hashes/index.ts';
import type { Computer } from '../hashes/scheme.ts';
import { canonicalLogin, isLogin, isReserved, loginRule, reservedSentence } from '../login.ts';
import type { UnixIds } from '../unix-ids.ts';
import { noHash, unlocked } from './lock.ts';
import type { ImportRow } from './row.ts';

export interface GoodRow {
  readonly login: string;
  /** The login of the account that it belongs to. */
  readonly account: string;
  /** The file names the account itself. */
  readonly accountSaid: boolean;
  readonly hash: string;
  /** `none` for a locked login without a hash. */
  readonly scheme: string;
  readonly weak: string | undefined;
  /** Who must be there to verify it; undefined where every node can. */
  readonly needs: Computer | undefined;
  readonly locked: boolean;
  readonly email: string | undefined;
  readonly unix: UnixIds | undefined;
}

const email = z.email().max(254);

function loginFault(name: string): string | undefined {
  if (name.startsWith('+') || name.startsWith('-')) return 'An entry of NIS; it names no login.';
  if (!isLogin(name)) return `The login must be ${loginRule}.`;
  return isReserved(name) ? reservedSentence : undefined;
}

/** `today`: days since 1970. */
export function judgeRow(row: ImportRow, today: number): GoodRow | { readonly refused: string } {
  const login = canonicalLogin(row.login);
  const account = row.account === undefined ? login : canonicalLogin(row.account);
  const fault = loginFault(login) ?? loginFault(account);
  if (fault !== undefined) return { refused: fault };
  if (row.email !== undefined && !email.safeParse(row.email).success) {
    return { refused: 'The e-mail address is none.' };
  }
  const { hash, locked: marked } = unlocked(row.secret);
  const over = row.expiresOnDay !== undefined && row.expiresOnDay <= today;
  const locked = marked || row.locked === true || over;
  const common = { login, account, accountSaid: row.account !== undefined, email: row.email, unix: row.unix };
  const none = { ...common, hash: noHash, scheme: 'none', weak: undefined, needs: undefined, locked: true };
  if (hash === '') return none;
  const seen = recogniseHash(hash);
  // Behind a mark of locking may stand anything: what cannot be kept is let go, the lock stays.
  if (!seen.ok) return marked ? none : { refused: seen.detail };
  const { scheme, weak, computer, everywhere } = seen.hash;
  return { ...common, hash, scheme, weak, needs: everywhere ? undefined : computer, locked };
}
