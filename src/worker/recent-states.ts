/** The maximum number of chains: enough for images analysed concurrently, and their common bases. */
const MAX_STATES = 8;

/** The maximum packed size of all cached chains; unpacked, the chains need about 20 times as much memory. */
const MAX_BYTES = 4 * 1024 * 1024;

export type RecentStates<State> = {
  readonly get: (chain: string) => State | undefined;
  readonly put: (chain: string, state: State) => void;
};

/**
 * Creates an empty cache. Keeps the newest state regardless of its size, because the next layer of the image needs this
 * state.
 */
export function createRecentStates<State extends { readonly bytes: number }>({
  maxStates = MAX_STATES,
  maxBytes = MAX_BYTES,
}: {
  readonly maxStates?: number;
  readonly maxBytes?: number;
} = {}): RecentStates<State> {
  /** The states, oldest first. */
  const states = new Map<string, State>();
  let bytes = 0;

  function remove(chain: string): State | undefined {
    const state = states.get(chain);
    if (state === undefined) return undefined;
    states.delete(chain);
    bytes -= state.bytes;
    return state;
  }

  function put(chain: string, state: State): void {
    remove(chain);
    states.set(chain, state);
    bytes += state.bytes;
    for (const oldest of states.keys()) {
      if (oldest === chain || (states.size <= maxStates && bytes <= maxBytes)) return;
      remove(oldest);
    }
  }

  return {
    get(chain) {
      const state = remove(chain);
      if (state !== undefined) put(chain, state);
      return state;
    },
    put,
  };
}
