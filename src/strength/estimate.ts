/** What passes between the room and its thread. */

/** Longer texts are judged by their beginning: the work grows with the square of the length. */
export const judgedLength = 64;

export interface Estimate {
  /** 0 to 4; below 3 is guessed in at most 10^8 tries. */
  readonly score: number;
  /** What is wrong and what would help, in sentences; empty for a good one. */
  readonly advice: readonly string[];
}

export interface EstimateJob {
  readonly id: number;
  readonly password: string;
}

export interface EstimateDone extends Estimate {
  readonly id: number;
}
