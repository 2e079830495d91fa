import { createTurns } from '../../threads/turns.ts';

/**
 * Items that can also be read in groups, but only once: either the items or the groups. A step of an async iteration
 * takes longer than reading one small advisory, so parsers of many small advisories provide groups.
 */
export type GroupedItems<Item> = AsyncIterable<Item> & { readonly groups?: AsyncIterable<readonly Item[]> };

/** Returns the items of groups. */
export function groupedItems<Item>(groups: AsyncIterable<readonly Item[]>): GroupedItems<Item> {
  return { groups, [Symbol.asyncIterator]: () => itemsOf(groups) };
}

/**
 * Calls `read` for each item, group by group if the items have groups. Other work of the thread can run between items,
 * because the steps of an iteration over data in memory do not end the turn of the event loop.
 *
 * @throws the errors of the iteration and of `read`
 */
export async function readItems<Item>(items: GroupedItems<Item>, read: (item: Item) => void): Promise<void> {
  const turns = createTurns();
  if (items.groups === undefined) {
    for await (const item of items) {
      read(item);
      if (turns.areDue()) await turns.take();
    }
  } else {
    for await (const group of items.groups) {
      for (const item of group) {
        read(item);
        if (turns.areDue()) await turns.take();
      }
    }
  }
}

async function* itemsOf<Item>(groups: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  // `yield*` would wait for each item.
  for await (const group of groups) for (const item of group) yield item;
}
