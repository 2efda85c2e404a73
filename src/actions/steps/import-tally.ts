/** What an import has done so far: kept with each batch, so that one that goes on counts on. */
import type { ImportReport } from '../../protocol/imports.ts';
import type { Batch, RefusedRow } from './import-batches.ts';
import type { Fates } from './import-fates.ts';

export interface Tally {
  readonly created: number;
  readonly overwritten: number;
  readonly existing: number;
  readonly accounts: number;
  readonly locked: number;
  readonly ignored: number;
  readonly refused: number;
  readonly schemes: Readonly<Record<string, number>>;
  /** Why a scheme among them is weak, and who must be there to verify it. */
  readonly weak: Readonly<Record<string, string>>;
  readonly needs: Readonly<Record<string, string>>;
  readonly refusedRows: readonly RefusedRow[];
  readonly existingRows: readonly RefusedRow[];
}

export const emptyTally: Tally = {
  ...{ created: 0, overwritten: 0, existing: 0, accounts: 0, locked: 0, ignored: 0, refused: 0 },
  ...{ schemes: {}, weak: {}, needs: {}, refusedRows: [], existingRows: [] },
};

/** Rows that are named; all are counted. */
const mostNamed = 1000;

const named = (before: readonly RefusedRow[], more: readonly RefusedRow[]) =>
  before.length >= mostNamed ? before : [...before, ...more].slice(0, mostNamed);

export function tallied(before: Tally, batch: Batch, fates: Fates): Tally {
  const good = [...fates.created, ...fates.overwritten];
  const schemes: Record<string, number> = { ...before.schemes };
  const weak: Record<string, string> = { ...before.weak };
  const needs: Record<string, string> = { ...before.needs };
  for (const { row } of good) {
    schemes[row.scheme] = (schemes[row.scheme] ?? 0) + 1;
    if (row.weak !== undefined) weak[row.scheme] = row.weak;
    if (row.needs !== undefined) needs[row.scheme] = row.needs;
  }
  const refused = [...batch.refused, ...fates.refused].sort((a, b) => a.line - b.line);
  return {
    created: before.created + fates.created.length,
    overwritten: before.overwritten + fates.overwritten.length,
    existing: before.existing + fates.existing.length,
    accounts: before.accounts + fates.accounts.length,
    locked: before.locked + good.filter(({ row }) => row.locked).length,
    ignored: before.ignored + batch.ignored,
    refused: before.refused + refused.length,
    ...{ schemes, weak, needs },
    refusedRows: named(before.refusedRows, refused),
    existingRows: named(before.existingRows, fates.existing),
  };
}

/** The counts alone, for the audit log. */
export function countsOf(tally: Tally) {
  const { created, overwritten, existing, accounts, locked, refused, schemes } = tally;
  return { created, overwritten, existing, accounts_created: accounts, locked, refused, schemes };
}

const missing = {
  crypt: "It needs the system's libcrypt, which this machine does not have.",
  argon2: 'It needs the library of Argon2, which this machine does not have.',
} as const;

/** `computers`: who computes on this node. */
export function reportOf(
  tally: Tally,
  about: Pick<ImportReport, 'id' | 'format' | 'store' | 'dry_run' | 'overwrite' | 'lines'>,
  computers: readonly string[],
): ImportReport {
  const count = (scheme: string) => tally.schemes[scheme] ?? 0;
  const lacking = Object.entries(tally.needs).filter(([, computer]) => !computers.includes(computer));
  return {
    ...about,
    created: tally.created,
    overwritten: tally.overwritten,
    existing: tally.existing,
    accounts_created: tally.accounts,
    locked: tally.locked,
    ignored: tally.ignored,
    refused_count: tally.refused,
    schemes: tally.schemes,
    weak: Object.entries(tally.weak).map(([scheme, reason]) => ({ scheme, count: count(scheme), reason })),
    unverifiable: lacking.map(([scheme, computer]) => ({
      scheme,
      count: count(scheme),
      reason: computer === 'argon2' ? missing.argon2 : missing.crypt,
    })),
    refused: [...tally.refusedRows],
    existing_rows: [...tally.existingRows],
  };
}
