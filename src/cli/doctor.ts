import type { Ctx } from '../actions/context.ts';
import { examine } from '../actions/examine.ts';
import type { Terminal } from './output.ts';

/** `gatehouse doctor`: exit code 1 when something needs a hand. */
export async function doctor(ctx: Ctx, terminal: Terminal): Promise<number> {
  const findings = await examine(ctx);
  const ok = findings.every((finding) => finding.ok);
  if (terminal.json) terminal.out(JSON.stringify({ ok, findings }));
  else for (const each of findings) terminal.out(`${each.ok ? 'ok  ' : 'LOOK'} ${each.name}: ${each.detail}`);
  return ok ? 0 : 1;
}
