import { ClairError } from '../../../errors.ts';

/** The result of one addition of a batch, or its error. */
export type Added<Item> = { readonly item: Item } | { readonly error: Error };

/** The maximum number of additions per batch. Larger batches would delay the responses to the first additions. */
const MAX_BATCH = 50;

/**
 * Returns a function that adds an item. Items that arrive during an addition are added together in the next
 * transaction. When Harbor starts hundreds of scans at the same time, a few transactions are therefore enough.
 *
 * @param addAll adds items in one transaction; returns a result for each item in their order
 */
export function batchAdditions<New, Item>(
  addAll: (items: readonly New[]) => Promise<readonly Added<Item>[]>,
): (item: New) => Promise<Item> {
  let waiting: Waiting<New, Item>[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      await add(batch);
    }
    isRunning = false;
  }

  async function add(batch: readonly Waiting<New, Item>[]): Promise<void> {
    try {
      const added = await addAll(batch.map(({ item }) => item));
      for (const [at, { resolve, reject }] of batch.entries()) {
        const result = added[at];
        if (result !== undefined && 'item' in result) resolve(result.item);
        else reject(result?.error ?? new Error('an addition has no result'));
      }
    } catch (error) {
      // Add the items separately, because an item that the database rejects must not make the other items fail.
      if (batch.length > 1 && !(error instanceof ClairError)) for (const each of batch) await add([each]);
      else for (const { reject } of batch) reject(error);
    }
  }

  return async (item) =>
    await new Promise<Item>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isRunning) void run();
    });
}

type Waiting<New, Item> = {
  readonly item: New;
  readonly resolve: (item: Item) => void;
  readonly reject: (error: unknown) => void;
};
