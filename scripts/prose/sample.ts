import { createChance } from '../../bench/scale/chance.ts';

/** Draws `count` items, or all if there are fewer, in random order. The same seed draws the same items. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const chance = createChance(seed);
  const rest = [...items];
  return Array.from({ length: Math.min(count, items.length) }, () => rest.splice(chance.below(rest.length), 1)).flat();
}
