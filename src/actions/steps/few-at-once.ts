/** Work that must leave most of the pool to others: so many at once, so many more in a row, and no more. */

/** @returns what runs the work, or undefined at once where too many wait. */
export function fewAtOnce(most: number, waitingMost: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return <T>(work: () => Promise<T>): Promise<T> | undefined => {
    if (running >= most && waiting.length >= waitingMost) return undefined;
    const turn =
      running < most ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push(resolve));
    if (running < most) running += 1;
    return turn.then(work).finally(leave);
  };
}
