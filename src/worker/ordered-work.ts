/**
 * Works on up to `ahead` items at a time, and yields the results in item order. When an item fails or the consumer
 * stops, aborts the running work and waits for its end.
 *
 * @throws the error of the first item, in order, that fails.
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
        // An item may fail while an earlier item is awaited; the error is thrown when the result of the item is
        // awaited.
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
