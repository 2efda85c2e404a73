/** What other thresholds would have flagged over what is on record. Reads, and changes nothing. */
import { observationFrom, observedKinds } from '../domain/patterns/observation.ts';
import { type Found, watchAll } from '../domain/patterns/watch.ts';
import { patchPolicy, policyFrom } from '../domain/policy.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { pastEvents } from '../store/pattern-watch.ts';
import { policyInForce } from '../store/policy.ts';
import type { Ctx } from './context.ts';
import { mayNot } from './steps/may.ts';

/** Events that are read, the latest of them. */
const mostEvents = 500_000;

export interface Replayed {
  readonly events: number;
  /** Of each pattern and whatever it is about: the first and the strongest, and how often it was said. */
  readonly found: readonly {
    readonly pattern: string;
    readonly about: string;
    readonly first_at: string;
    readonly times: number;
    readonly score: number;
    readonly says: string;
  }[];
}

/** @param set settings below `patterns`, by their path there, such as `reset_flood.requests`; the rest is the policy in force. */
export async function replayPatterns(
  ctx: Ctx,
  input: { readonly from: Date; readonly to?: Date; readonly set: Readonly<Record<string, unknown>> },
): Promise<Outcome<Replayed>> {
  const no = mayNot(ctx, { roles: ['admin', 'support', 'auditor'] });
  if (no) return no;
  const { overrides } = await policyInForce(ctx.read);
  const patched = patchPolicy(overrides, { patterns: nested(input.set) });
  if ('faults' in patched) return refuse('invalid_field', { errors: patched.faults });
  const span = { from: input.from, ...(input.to && { to: input.to }), most: mostEvents };
  const rows = await pastEvents(ctx.read, observedKinds, span);
  const watch = watchAll(policyFrom(patched.overrides).patterns);
  const byKey = new Map<string, Found[]>();
  for (const row of rows) {
    const observation = observationFrom(row);
    for (const found of observation === undefined ? [] : watch.see(observation)) {
      const key = `${found.pattern} ${found.key}`;
      byKey.set(key, [...(byKey.get(key) ?? []), found]);
    }
  }
  return done({ events: rows.length, found: [...byKey.values()].flatMap(summary) });
}

function summary(all: readonly Found[]): Replayed['found'] {
  const [first] = all;
  if (first === undefined) return [];
  const strongest = all.reduce((most, each) => (each.score > most.score ? each : most), first);
  const { score, says } = strongest;
  const first_at = new Date(first.at).toISOString();
  return [{ pattern: first.pattern, about: first.key, first_at, times: all.length, score, says }];
}

/** `a.b` as `{a: {b}}`. */
function nested(set: Readonly<Record<string, unknown>>): Record<string, Record<string, unknown>> {
  const tree = new Map<string, Record<string, unknown>>();
  for (const [path, value] of Object.entries(set)) {
    const [name = '', ...rest] = path.split('.');
    tree.set(name, { ...tree.get(name), [rest.join('.')]: value });
  }
  return Object.fromEntries(tree);
}
