/** Import (contract section 8): logins as other systems store them, a file at a time. */

import { BodyBroken } from '../domain/body-broken.ts';
import type { StoreName } from '../domain/channels/index.ts';
import type { AuditEvent } from '../domain/event.ts';
import { importFormatNamed } from '../domain/imports/index.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { idBytes, idFrom } from '../domain/token.ts';
import type { ImportReport } from '../protocol/imports.ts';
import { appendEvents } from '../store/audit.ts';
import type { Tx } from '../store/db.ts';
import {
  advanceImport,
  beginImport,
  brokenImport,
  forgetGuessesAt,
  insertAccounts,
  insertCredentials,
  overwriteCredentials,
  prepareRehearsal,
  rehearse,
  settleOverwritten,
} from '../store/imports.ts';
import { type Ctx, unchanged } from './context.ts';
import { budgetKeys, guessFrom } from './steps/guess.ts';
import { type Batch, batchesOf, type RefusedRow } from './steps/import-batches.ts';
import { type Fates, fatesOf } from './steps/import-fates.ts';
import { countsOf, emptyTally, reportOf, type Tally, tallied } from './steps/import-tally.ts';
import { mayNot } from './steps/may.ts';

export interface ImportInput {
  readonly format: string;
  readonly store: StoreName;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly dryRun: boolean;
  /** A login that is there gets the secret of the file: a change like any other, which ends its sessions. */
  readonly overwrite: boolean;
  /** SHA-256 of the file; absent for a stream, which cannot be gone on with. */
  readonly fingerprint?: string;
  /** Goes on behind the last line that was done of this very file. */
  readonly resume?: boolean;
  /** Told after each batch. */
  readonly watch?: (seen: { lines: number; bytes: number; refused: readonly RefusedRow[] }) => void;
}

const dayMs = 86_400_000;
const onlyOnce = 'Somebody else goes on with the import of this file.';

interface Course {
  readonly id: string | null;
  readonly lines: number;
  readonly tally: Tally;
}

/** `POST /v1/imports`, `gatehouse account import`. */
export async function importAccounts(ctx: Ctx, input: ImportInput): Promise<Outcome<ImportReport>> {
  const no = mayNot(ctx, { roles: ['admin'] });
  if (no) return no;
  const format = importFormatNamed(input.format);
  if (format === undefined) {
    return refuse('invalid_field', { errors: [{ path: 'format', message: 'is not a known format' }] });
  }
  const begun = input.dryRun ? { id: null, lines: 0, tally: emptyTally } : await begin(ctx, input);
  const at = { after: begun.lines, today: Math.floor(ctx.now.getTime() / dayMs) };
  const batches = batchesOf(input.bytes, format, at);
  const course = await (input.dryRun
    ? ctx.touch(async (tx) => unchanged(await rehearsal(tx, ctx, input, batches)))
    : carryOut(ctx, input, batches, begun));
  if (!course.ok) return course;
  const { id, lines, tally } = course.value;
  const about = { id, lines, format: format.name, store: input.store, dry_run: input.dryRun };
  return done(reportOf(tally, { ...about, overwrite: input.overwrite }, ctx.house.hashing.computers));
}

/** A new import, or the place where one of this file broke off. */
async function begin(ctx: Ctx, input: ImportInput): Promise<Course> {
  const { format, store, overwrite, fingerprint } = input;
  if (input.resume && fingerprint !== undefined) {
    const broken = await brokenImport(ctx.read, { fingerprint, format, store, overwrite });
    if (broken) return { id: broken.id, lines: broken.lastLine, tally: broken.counts as Tally };
  }
  const id = idFrom('import', ctx.house.world.random(idBytes));
  const times = { startedAt: ctx.now, updatedAt: ctx.now };
  const row = { id, fingerprint: fingerprint ?? id, format, store, overwrite, counts: emptyTally, ...times };
  await ctx.touch((tx) => beginImport(tx, row));
  return { id, lines: 0, tally: emptyTally };
}

async function carryOut(
  ctx: Ctx,
  input: ImportInput,
  batches: AsyncIterable<Batch>,
  begun: Course,
): Promise<Outcome<Course>> {
  let course = begun;
  try {
    for await (const batch of batches) {
      const next = await oneBatch(ctx, input, batch, course);
      if (next === undefined) return refuse('import_taken', { detail: onlyOnce });
      input.watch?.({ lines: batch.lastLine, bytes: batch.bytes, refused: next.refused });
      course = next.course;
    }
  } catch (error) {
    if (!(error instanceof BodyBroken)) throw error;
    const detail = `${error.refusal.detail ?? 'The file broke off.'} The lines up to ${course.lines} are in.`;
    return { ok: false, refusal: { ...error.refusal, detail } };
  }
  return finish(ctx, input, course);
}

interface Next {
  readonly course: Course;
  readonly refused: readonly RefusedRow[];
}

/** One transaction: the lines are marked as done, the rows written, each with its event. Undefined: not ours to do. */
async function oneBatch(
  ctx: Ctx,
  input: ImportInput,
  batch: Batch,
  course: Course,
): Promise<Next | undefined> {
  const { store, overwrite } = input;
  const { world } = ctx.house;
  const id = course.id ?? '';
  return ctx.touch<Next | undefined>(async (tx) => {
    const fates = await fatesOf(tx, world, batch.rows, { store, overwrite, rehearsed: false });
    const tally = tallied(course.tally, batch, fates);
    const to = { lastLine: batch.lastLine, counts: tally, at: world.now(), finished: false };
    if (!(await advanceImport(tx, id, course.lines, to))) return unchanged(undefined);
    const events = await write(tx, ctx, store, fates, id);
    // A batch of nothing new has no event: how far a file has come is counted, not told.
    const frame = { actor: ctx.actor, at: ctx.now, requestId: ctx.requestId };
    if (events.length > 0) await appendEvents(tx, world, frame, events);
    const refused = [...batch.refused, ...fates.refused];
    return { course: { id, lines: batch.lastLine, tally }, refused };
  });
}

async function write(
  tx: Tx,
  ctx: Ctx,
  store: StoreName,
  fates: Fates,
  id: string,
): Promise<readonly AuditEvent[]> {
  const { accounts, created, overwritten } = fates;
  const credentialsOf = (rows: Fates['created']) => rows.map(({ credential }) => credential);
  if (accounts.length > 0) await insertAccounts(tx, accounts, ctx.now);
  if (created.length > 0) await insertCredentials(tx, store, credentialsOf(created), ctx.now);
  const epochs =
    overwritten.length > 0
      ? await overwriteCredentials(tx, credentialsOf(overwritten), ctx.now)
      : new Map<string, number>();
  if (overwritten.length > 0) {
    await settleOverwritten(tx, credentialsOf(overwritten), ctx.now);
    await openForGuesses(tx, ctx, store, overwritten);
  }
  const source = { import: id };
  return [
    ...accounts.map((each): AuditEvent => {
      return { kind: 'account.created', accountId: each.id, detail: { login: each.login, ...source } };
    }),
    ...credentialsOf([...created, ...overwritten]).map((each): AuditEvent => {
      const { login, scheme, locked, accountId } = each;
      const epoch = epochs.get(each.id) ?? 1;
      const detail = { store, login, scheme, epoch, ...source, ...(locked ? { locked } : {}) };
      return { kind: 'credential.set', accountId, detail };
    }),
  ];
}

/** A new secret starts with clean counters, and nothing that is known of the old one counts. */
async function openForGuesses(
  tx: Tx,
  ctx: Ctx,
  store: StoreName,
  overwritten: Fates['overwritten'],
): Promise<void> {
  const keys = overwritten.flatMap(({ row: { login } }) => {
    ctx.house.verified.forget(store, login);
    return Object.values(budgetKeys(guessFrom({ store, login }), ['strangers', 'familiar', 'name']));
  });
  await forgetGuessesAt(tx, keys);
}

async function finish(ctx: Ctx, input: ImportInput, course: Course): Promise<Outcome<Course>> {
  const { id, lines, tally } = course;
  const { format, store, overwrite } = input;
  return ctx.act<Outcome<Course>>(async (tx) => {
    const to = { lastLine: lines, counts: tally, at: ctx.house.world.now(), finished: true };
    if (!(await advanceImport(tx, id ?? '', lines, to))) {
      return unchanged(refuse('import_taken', { detail: onlyOnce }));
    }
    const detail = { import: id, format, store, overwrite, lines, ...countsOf(tally) };
    return { value: done(course), events: [{ kind: 'accounts.imported', detail }] };
  });
}

/** Decides every row as it would be decided, against what is there and what the rows before it would have made. */
async function rehearsal(
  tx: Tx,
  ctx: Ctx,
  input: ImportInput,
  batches: AsyncIterable<Batch>,
): Promise<Outcome<Course>> {
  const { store, overwrite } = input;
  await prepareRehearsal(tx);
  let course: Course = { id: null, lines: 0, tally: emptyTally };
  try {
    for await (const batch of batches) {
      const fates = await fatesOf(tx, ctx.house.world, batch.rows, { store, overwrite, rehearsed: true });
      const made = fates.created.map(({ credential }) => credential);
      await rehearse(tx, fates.accounts, made);
      course = { id: null, lines: batch.lastLine, tally: tallied(course.tally, batch, fates) };
      const refused = [...batch.refused, ...fates.refused];
      input.watch?.({ lines: batch.lastLine, bytes: batch.bytes, refused });
    }
  } catch (error) {
    if (error instanceof BodyBroken) return { ok: false, refusal: error.refusal };
    throw error;
  }
  return done(course);
}
