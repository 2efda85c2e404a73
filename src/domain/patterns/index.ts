/** SHELF: one pattern a file, one line here. Thresholds and what follows are settings of the policy. */
import { credentialStuffing } from './credential-stuffing.ts';
import { floodThenSuccess } from './flood-then-success.ts';
import { passwordSpray } from './password-spray.ts';
import type { Pattern } from './pattern.ts';
import { promptBombing } from './prompt-bombing.ts';
import { repeatedPrompt } from './repeated-prompt.ts';
import { resetFlood } from './reset-flood.ts';
import { resetSpray } from './reset-spray.ts';
import { staffRequest } from './staff-request.ts';

export type { Effect, Finding } from './pattern.ts';

const shelf = [
  resetFlood,
  resetSpray,
  promptBombing,
  floodThenSuccess,
  passwordSpray,
  credentialStuffing,
  staffRequest,
  repeatedPrompt,
] as const;

export const patterns: readonly (Pattern & { readonly name: PatternName })[] = shelf;
export type PatternName = (typeof shelf)[number]['name'];
