/** A daemon that asked about a login itself says which process serves it: from then on the host's agent answers for it. */
import { done, type Outcome } from '../domain/refusal.ts';
import { deathReason } from '../domain/session.ts';
import type { ProcessRef } from '../protocol/agent.ts';
import { isTaken } from '../store/db.ts';
import { bindProcess, followedByRef } from '../store/door-sessions.ts';
import { policyInForce } from '../store/policy.ts';
import { sessionById } from '../store/sessions.ts';
import { type Ctx, unchanged } from './context.ts';
import { agentAnswers } from './steps/agent-answers.ts';
import { doorHost } from './steps/door-host.ts';
import { mayNot } from './steps/may.ts';

export interface Naming {
  readonly host: string | undefined;
  /** The daemon's name for the session. */
  readonly ref: string;
  readonly process: ProcessRef;
  /** Nobody comes in while the host's agent is out of reach: no order could end it. */
  readonly agentRequired: boolean;
}

/** `shared`: the process already serves another session, so neither could be ended alone. */
export type Named = 'allow' | 'over' | 'agent_away' | 'shared';

/** The last step of a login: what ended since its password was judged is refused here, before anything is served. */
export async function nameProcess(ctx: Ctx, naming: Naming): Promise<Outcome<Named>> {
  const no = mayNot(ctx, { scopes: ['authenticate'] });
  if (no) return no;
  const host = doorHost(ctx, naming.host);
  if (!host.ok) return host;
  if (naming.agentRequired && !(await agentAnswers(ctx, host.value))) return done('agent_away');
  const session = await followedByRef(ctx.read, host.value, naming.ref);
  const facts = session && (await sessionById(ctx.read, session.id));
  const { policy } = await policyInForce(ctx.read);
  if (session === undefined || facts === undefined) return done('over');
  if (deathReason(facts, policy, ctx.now.getTime()) !== undefined) return done('over');
  try {
    return done(
      await ctx.touch(async (tx) => {
        if (await bindProcess(tx, session, naming.process)) return 'allow';
        const now = await sessionById(tx, session.id);
        return unchanged<Named>(now?.process === null && now.endedAt === null ? 'shared' : 'over');
      }),
    );
  } catch (error) {
    if (isTaken(error)) return done('shared');
    throw error;
  }
}
