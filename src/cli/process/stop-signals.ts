import type { Console } from '../console.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The process ID of the first process of a container. This process must handle signals at all times, because the kernel
 * discards a signal to this process if the process has no handler (pid_namespaces(7)).
 */
const CONTAINER_PROCESS = 1;

type Signaled = {
  readonly pid: number;
  readonly once: (signal: (typeof SIGNALS)[number], listener: () => void) => unknown;
  readonly off: (signal: (typeof SIGNALS)[number], listener: () => void) => unknown;
};

/**
 * Listens to the stop signals of a process. A second signal ends the process, unless the process is the first process
 * of a container.
 */
export function listenToSignals(process: Signaled): Required<Pick<Console, 'signal' | 'interruptible'>> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const listen = (): void => {
    for (const signal of SIGNALS) process.once(signal, abort);
  };
  /** Removes the listeners, so that a signal ends the process immediately. */
  const leave = (): void => {
    for (const signal of SIGNALS) process.off(signal, abort);
  };
  listen();
  return {
    signal: stop.signal,
    async interruptible(work) {
      stop.signal.throwIfAborted();
      if (process.pid === CONTAINER_PROCESS) return await work();
      leave();
      try {
        return await work();
      } finally {
        listen();
      }
    },
  };
}
