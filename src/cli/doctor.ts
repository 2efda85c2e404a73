import type { Ctx } from '../actions/context.ts';
import { examine } from '../actions/examine.ts';
import type { Finding } from '../domain/finding.ts';
import type { Terminal } from './output.ts';

/** `gatehouse doctor`: exit code 1 when something needs a hand. `local` is what was found without the database. */
export async function doctor(
  ctx: Ctx | undefined,
  terminal: Terminal,
  local: readonly Finding[] = [],
  fingerprint?: string,
): Promise<number> {
  const findings = [...local, ...(ctx === undefined ? [] : await examine(ctx, fingerprint))];
  const ok = findings.every((finding) => finding.ok);
  if (terminal.json) terminal.out(JSON.stringify({ ok, findings }));
  else for (const each of findings) terminal.out(`${each.ok ? 'ok  ' : 'LOOK'} ${each.name}: ${each.detail}`);
  return ok ? 0 : 1;
}
