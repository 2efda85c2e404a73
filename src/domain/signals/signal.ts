/** What a signal is: one thing in a message that speaks for or against a request for a password. */
import type { Setting } from '../message.ts';
import type { Evidence, Reading } from '../reading/read.ts';

export interface Finding {
  /** 0..1: how plainly it is there. */
  readonly strength: number;
  readonly evidence: readonly Evidence[];
}

export interface Signal {
  readonly name: string;
  /** What it means, to the person who got the message: one sentence. */
  readonly says: string;
  readonly speaks: 'for' | 'against';
  weigh(reading: Reading, setting: Setting): Finding | undefined;
}

export const found = (strength: number, ...evidence: readonly Evidence[]): Finding => ({
  strength: Math.max(0, Math.min(1, strength)),
  evidence: evidence.slice(0, 5),
});

/** About a field outside the text: the whole of it is the evidence. */
export const whole = (part: Evidence['part'], quote: string): Evidence => {
  const short = quote.slice(0, 300);
  return { part, start: 0, end: short.length, quote: short };
};
