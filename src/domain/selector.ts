/** Whom a forced logoff means: exactly one way to say it (contract section 6). */
import type { StoreName } from './channels/index.ts';

/** Few sessions, of accounts that can be locked: ended row by row in the order's own transaction. */
export type NarrowSelector =
  | { readonly ids: readonly string[]; readonly owner_id?: string }
  | { readonly account_id: string; readonly except_id?: string }
  | { readonly login: string; readonly store: StoreName };

/** Any number of sessions: one cut-off that every check compares takes effect at once; the rows follow. */
export type BroadSelector =
  | { readonly store: StoreName }
  | { readonly channel: string }
  | { readonly host: string }
  | { readonly source: string }
  | { readonly opened_before: string }
  | { readonly all: true };

export type Selector = NarrowSelector | BroadSelector;

export function isNarrow(selector: Selector): selector is NarrowSelector {
  return 'ids' in selector || 'account_id' in selector || 'login' in selector;
}
