/** One line of `gatehouse doctor`: what was looked at, whether it is well, and what to do if not, in plain words. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}
