/**
 * The state of a primary and its replica, which all threads of an instance share. Positions are log sequence numbers in
 * bytes (postgresql.org/docs/current/datatype-pg-lsn.html).
 */
export type ReplicationState = {
  /** Records that the commit of a transaction of this instance is below this position. */
  readonly committed: (position: bigint) => void;
  /** Sets the lowest position that the replica must have replayed. */
  readonly setFloor: (position: bigint) => void;
  /** The position of the last commit of this instance. */
  readonly lastCommit: () => bigint;
  /** Forgets commits beyond the end of the log, because a failover loses these commits and reuses their positions. */
  readonly forgetBeyond: (seen: bigint, end: bigint) => void;
  /** The position that the replica must have replayed before it answers a query. */
  readonly required: () => bigint;
  readonly isUsable: () => boolean;
  readonly setUsable: (isUsable: boolean) => void;
  readonly isPrimaryUp: () => boolean;
  readonly setPrimaryUp: (isUp: boolean) => void;
  /** The start time of the primary, which identifies the server; 0 when unknown. */
  readonly primary: () => bigint;
  /** The identity of the tables, which a primary shares with its standbys; 0 when unknown. */
  readonly tables: () => bigint;
  readonly setPrimary: (primary: { readonly server: bigint; readonly tables: bigint }) => void;
  readonly count: (server: 'replica' | 'primary') => void;
  readonly counts: () => { readonly replica: number; readonly primary: number };
};

/** The cells of the shared memory. */
const CELLS = ['committed', 'floor', 'usable', 'primaryUp', 'primary', 'tables', 'byReplica', 'byPrimary'] as const;

type Cell = (typeof CELLS)[number];

/** Returns the memory of {@link replicationState}, to be passed to all threads of an instance. */
export function replicationMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(CELLS.length * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Returns the state in a memory of {@link replicationMemory}, which all threads of an instance share. */
export function replicationState(memory: SharedArrayBuffer): ReplicationState {
  const cells = new BigInt64Array(memory);
  const read = (cell: Cell): bigint => Atomics.load(cells, CELLS.indexOf(cell));
  const write = (cell: Cell, value: bigint): void => void Atomics.store(cells, CELLS.indexOf(cell), value);
  const raise = (cell: Cell, value: bigint): void => {
    const place = CELLS.indexOf(cell);
    for (let known = Atomics.load(cells, place); known < value; ) {
      const found = Atomics.compareExchange(cells, place, known, value);
      if (found === known) return;
      known = found;
    }
  };
  return {
    committed: (position) => raise('committed', position),
    setFloor: (position) => write('floor', position),
    lastCommit: () => read('committed'),
    forgetBeyond(seen, end) {
      if (seen > end) Atomics.compareExchange(cells, CELLS.indexOf('committed'), seen, end);
    },
    required() {
      const [committed, floor] = [read('committed'), read('floor')];
      return committed > floor ? committed : floor;
    },
    isUsable: () => read('usable') === 1n,
    setUsable: (isUsable) => write('usable', isUsable ? 1n : 0n),
    isPrimaryUp: () => read('primaryUp') === 1n,
    setPrimaryUp: (isUp) => write('primaryUp', isUp ? 1n : 0n),
    primary: () => read('primary'),
    tables: () => read('tables'),
    setPrimary({ server, tables }) {
      write('primary', server);
      write('tables', tables);
    },
    count: (server) => void Atomics.add(cells, CELLS.indexOf(server === 'replica' ? 'byReplica' : 'byPrimary'), 1n),
    counts: () => ({ replica: Number(read('byReplica')), primary: Number(read('byPrimary')) }),
  };
}
