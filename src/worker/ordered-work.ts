/**
 * Works on up to `ahead` items at a time, and gives the results in the order of the items. When one fails, or nobody
 * wants more results, the work that was begun is told to stop by its signal, and waited for.
 *
 * @throws what `work` throws for the first item, in their order, that fails.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  ahead: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<Result> {
  const stop = new AbortController();
  const begun: Promise<Result>[] = [];
  const rest = items.values();
  try {
    for (;;) {
      while (begun.length < ahead) {
        const { value: item, done } = rest.next();
        if (done === true) break;
        const result = work(item, stop.signal);
        // It may fail while an earlier one is waited for; it is thrown when its turn comes.
        result.catch(() => undefined);
        begun.push(result);
      }
      const first = begun.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    stop.abort();
    await Promise.allSettled(begun);
  }
}
