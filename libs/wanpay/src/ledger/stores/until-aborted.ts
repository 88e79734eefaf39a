/** Settles as the work does; rejects as soon as the signal is aborted, without waiting for the work. */
export async function untilAborted<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!signal) return work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('The work was given up.'));
    };
  });
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  return Promise.race([work, aborted]).finally(() => {
    signal.removeEventListener('abort', abort);
  });
}
