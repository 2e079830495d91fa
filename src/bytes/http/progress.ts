import { shownTime, TimeoutError } from './timeout-error.ts';

/** The minimum progress of a body: `bytes` bytes in every `window` milliseconds of waiting. */
export type LeastProgress = { readonly bytes: number; readonly window: number };

export type ProgressLimits = {
  /** The maximum time to wait for a chunk, in milliseconds. */
  readonly idle: number;
  readonly least?: LeastProgress | undefined;
};

/**
 * Measures the rate at which bytes arrive. Only waiting time counts, so a slow reader does not look like a slow sender.
 */
export type Progress = {
  /** Waits for the next chunk. Calls `giveUp` once if the chunk takes too long; after that, `next` must settle. */
  readonly watch: <T extends { readonly length: number }>(
    next: Promise<IteratorResult<T, unknown>>,
    giveUp: (reason: TimeoutError) => void,
  ) => Promise<IteratorResult<T, unknown>>;
};

/** Creates the progress check of a body. */
export function createProgress({ idle, least }: ProgressLimits): Progress {
  const window = least?.window ?? Number.POSITIVE_INFINITY;
  const wanted = least?.bytes ?? 0;
  let bytes = 0;
  let waited = 0;

  function fault(): TimeoutError {
    if (window - waited >= idle) return new TimeoutError(`no bytes for ${shownTime(idle)}`);
    return new TimeoutError(`too slow: ${bytes} bytes in ${shownTime(window)}, minimum ${wanted} bytes`);
  }

  return {
    async watch(next, giveUp) {
      const start = performance.now();
      let last: NodeJS.Immediate | undefined;
      // Read buffered bytes first, because a busy process can be late to read from a fast peer.
      const judge = (): void => void (last = setImmediate(() => giveUp(fault())));
      const timer = setTimeout(judge, Math.max(Math.min(idle, window - waited), 1));
      try {
        const result = await next;
        if (result.done !== true) bytes += result.value.length;
        return result;
      } finally {
        clearTimeout(timer);
        clearImmediate(last);
        waited += performance.now() - start;
        if (bytes >= wanted) [bytes, waited] = [0, 0];
      }
    },
  };
}
