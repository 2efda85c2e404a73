/**
 * Runs a task under one deadline for all of it; `outer` ends it too. The task is told by its signal, and is not waited
 * for after that: a request that does not heed its signal must not hold a login. Nothing stays attached to `outer`.
 */
export async function within<T>(
  ms: number,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer.throwIfAborted();
  const own = new AbortController();
  const stop = () => own.abort(outer.reason);
  const timer = setTimeout(() => own.abort(new Error(`not answered within ${ms} ms`)), ms);
  outer.addEventListener('abort', stop, { once: true });
  try {
    return await orAborted(task(own.signal), own.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

/** The promise's outcome, or the signal's reason, whichever comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
