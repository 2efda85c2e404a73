import { type PolicyFault, patchPolicy } from '../domain/policy.ts';
import { done, type Outcome, refuse } from '../domain/refusal.ts';
import { lockPolicy, policyInForce, writePolicy } from '../store/policy.ts';
import { sweepExpired } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { doorGraceMs } from './steps/grace.ts';
import { mayNot } from './steps/may.ts';

type Document = Record<string, unknown>;

/** `GET /v1/policy`: every setting, with its value in force. */
export async function readPolicy(ctx: Ctx): Promise<Outcome<Document>> {
  const no = mayNot(ctx, { roles: ['admin', 'support', 'auditor'], scopes: ['sessions', 'authenticate'] });
  if (no) return no;
  const { policy } = await policyInForce(ctx.read);
  return done({ ...policy });
}

/**
 * `PATCH /v1/policy`: a JSON merge patch (RFC 7396), in force at its commit on every node. Sessions that have run
 * out under the old clocks are written down first: a longer clock never wakes one.
 */
export async function changePolicy(ctx: Ctx, patch: Document): Promise<Outcome<Document>> {
  const no = mayNot(ctx, { roles: ['admin'] });
  if (no) return no;
  return ctx.act<Outcome<Document>>(async (tx) => {
    const stored = await lockPolicy(tx);
    const next = patchPolicy(stored.overrides, patch);
    if ('faults' in next) return unchanged(badPolicy(next.faults));
    const over = await sweepExpired(tx, stored.policy, ctx.now, { all: true, graceMs: doorGraceMs });
    const written = await writePolicy(tx, next.overrides, ctx.now);
    const detail = { version: written.version, patch, expired: over.length };
    return { value: done({ ...written.policy }), events: [{ kind: 'policy.changed', detail }] };
  });
}

function badPolicy(faults: readonly PolicyFault[]): Outcome<Document> {
  return refuse('invalid_field', { errors: faults });
}
