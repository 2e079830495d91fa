import { groupedBy } from '../writing/grouped.ts';

/** The items of two lists: the items in both lists as pairs, and the items in only one of the lists. */
export type Pairs<Item> = {
  readonly both: readonly (readonly [Item, Item])[];
  readonly added: readonly Item[];
  readonly removed: readonly Item[];
};

/** Pairs the items of two lists by key. Equal versions are paired first, and then the other versions in order. */
export function pairsOf<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
  versionOf: (item: Item) => string,
): Pairs<Item> {
  const [ofBefore, ofAfter] = [groupedBy(before, keyOf), groupedBy(after, keyOf)];
  const both: (readonly [Item, Item])[] = [];
  const added: Item[] = [];
  const removed: Item[] = [];
  for (const key of new Set([...ofBefore.keys(), ...ofAfter.keys()])) {
    const others = [...(ofAfter.get(key) ?? [])];
    const left: Item[] = [];
    for (const one of ofBefore.get(key) ?? []) {
      const at = others.findIndex((other) => versionOf(other) === versionOf(one));
      const [same] = at === -1 ? [] : others.splice(at, 1);
      if (same === undefined) left.push(one);
      else both.push([one, same]);
    }
    for (const one of left) {
      const other = others.shift();
      if (other === undefined) removed.push(one);
      else both.push([one, other]);
    }
    added.push(...others);
  }
  return { both, added, removed };
}
