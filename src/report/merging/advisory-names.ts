import { isCveId } from '../../model/enrichment.ts';

export type AdvisoryNames = {
  readonly name: string;
  readonly aliases: readonly string[];
};

/** The items that share an identifier. */
export type NamedItems<Item> = {
  readonly id: string;
  readonly names: ReadonlySet<string>;
  readonly cves: readonly string[];
  readonly items: readonly Item[];
};

/** Groups items by identifier, with all their names. */
export function namedItems<Item>(
  items: Iterable<Item>,
  namesOf: (item: Item) => AdvisoryNames,
): readonly NamedItems<Item>[] {
  const found = new Map<string, { readonly names: Set<string>; readonly items: Item[] }>();
  for (const item of items) {
    const { name, aliases } = namesOf(item);
    const known = found.get(name) ?? { names: new Set([name]), items: [] };
    for (const alias of aliases) known.names.add(alias);
    known.items.push(item);
    found.set(name, known);
  }
  return [...found].map(([id, { names, items: of }]) => ({ id, names, cves: [...names].filter(isCveId), items: of }));
}
