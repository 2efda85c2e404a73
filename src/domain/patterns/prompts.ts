/** Second-factor prompts of strangers at one account, and factors of theirs that were not right, since the last success. */
import type { PromptSeen } from './observation.ts';
import { type Windows, windowsOf } from './windows.ts';

export interface Prompts {
  add(seen: PromptSeen): void;
  of(
    accountId: string,
    at: number,
  ): { readonly prompts: number; readonly codes: number; readonly places: readonly string[] };
  forget(accountId: string): void;
}

/** Connections that one program opens at the same time are one prompt. */
const togetherMs = 5000;

export function strangersPrompts(spanMs: number): Prompts {
  const windows: Windows<PromptSeen> = windowsOf(spanMs);
  return {
    add(seen) {
      if (!seen.known) windows.add(seen.accountId, seen);
    },
    of(accountId, at) {
      const all = windows.of(accountId, at);
      let prompts = 0;
      const last = new Map<string | undefined, number>();
      for (const each of all) {
        if (each.kind !== 'prompt') continue;
        if (each.at - (last.get(each.place) ?? Number.NEGATIVE_INFINITY) >= togetherMs) prompts += 1;
        last.set(each.place, each.at);
      }
      const codes = all.filter(({ kind }) => kind === 'code_refused').length;
      return { prompts, codes, places: [...new Set(all.flatMap(({ place }) => place ?? []))] };
    },
    forget: (accountId) => windows.forget(accountId),
  };
}
