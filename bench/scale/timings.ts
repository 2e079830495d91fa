/** Times in milliseconds, by operation and number of layers in the database. */
export type Timings = {
  readonly time: <T>(what: string, size: number, work: () => Promise<T>) => Promise<T>;
  readonly add: (what: string, size: number, milliseconds: number) => void;
  /** @param share 0.5 for the median, 0.99 for the 99th percentile */
  readonly percentile: (what: string, size: number, share: number) => number;
};

export function createTimings(): Timings {
  const all = new Map<string, number[]>();
  const keyOf = (what: string, size: number): string => `${size} ${what}`;
  function add(what: string, size: number, milliseconds: number): void {
    const known = all.get(keyOf(what, size));
    if (known === undefined) all.set(keyOf(what, size), [milliseconds]);
    else known.push(milliseconds);
  }
  return {
    add,
    async time(what, size, work) {
      const start = performance.now();
      const result = await work();
      add(what, size, performance.now() - start);
      return result;
    },
    percentile(what, size, share) {
      const sorted = (all.get(keyOf(what, size)) ?? []).toSorted((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
    },
  };
}
