import type { Console } from './console.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The kernel discards signals that process 1 of a container does not handle (pid_namespaces(7)), so that one has to handle them
 * all the time.
 */
const CONTAINER_PROCESS = 1;

type Signaled = {
  readonly pid: number;
  readonly once: (signal: (typeof SIGNALS)[number], listener: () => void) => unknown;
  readonly off: (signal: (typeof SIGNALS)[number], listener: () => void) => unknown;
};

/** Listens to the signals of a process that stop a command. A second one ends the process, except in a container. */
export function listenToSignals(process: Signaled): Required<Pick<Console, 'signal' | 'endableAtOnce'>> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const listen = (): void => {
    for (const signal of SIGNALS) process.once(signal, abort);
  };
  /** Without a listener the kernel ends the process, whatever it does at that time. */
  const leave = (): void => {
    for (const signal of SIGNALS) process.off(signal, abort);
  };
  listen();
  return {
    signal: stop.signal,
    async endableAtOnce(work) {
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
