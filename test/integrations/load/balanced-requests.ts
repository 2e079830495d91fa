/** A request to any of several servers. */
export type BalancedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
};

export type BalancedResponse = {
  readonly status: number;
  /** Header names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The time until the end of the body, in milliseconds. */
  readonly milliseconds: number;
};

/** The time limit for all attempts, in milliseconds; long, because other work can slow the machine. */
const PATIENCE_MS = 300_000;

const PAUSE_MS = 50;

/**
 * Sends requests as a load balancer does: to each server in turn, and to another server if a server does not listen. A
 * request other than GET is not repeated after a server received it.
 *
 * @throws the error of the connection
 */
export function createBalancer(urls: readonly string[]): (request: BalancedRequest) => Promise<BalancedResponse> {
  let turn = 0;
  return async ({ method, path, headers, body }) => {
    const start = performance.now();
    for (;;) {
      turn += 1;
      const url = `${urls[turn % urls.length]}${path}`;
      try {
        const response = await fetch(url, { method, headers, redirect: 'manual', ...(body && { body }) });
        const text = await response.text();
        const milliseconds = performance.now() - start;
        return { status: response.status, headers: Object.fromEntries(response.headers), body: text, milliseconds };
      } catch (error) {
        const isRepeatable = method === 'GET' || isRefused(error);
        if (!isRepeatable || performance.now() - start > PATIENCE_MS) throw error;
        await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
      }
    }
  };
}

/** Returns whether no server received the request. */
function isRefused(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: string } };
  return cause?.code === 'ECONNREFUSED' || cause?.code === 'UND_ERR_CONNECT_TIMEOUT';
}
