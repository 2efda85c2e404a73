/** Runs a task under one deadline for all of it; `outer` ends it too. Nothing stays attached to `outer` afterwards. */
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
    return await task(own.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}
