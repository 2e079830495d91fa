import type { NamedItems } from './advisory-names.ts';

/** Returns the sets of advisories that shared names connect. Names in `joinsNone` do not count as connections. */
export function connectedItems<Item>(
  advisories: readonly NamedItems<Item>[],
  joinsNone: ReadonlySet<string>,
): readonly NamedItems<Item>[][] {
  const byName = new Map<string, NamedItems<Item>[]>();
  for (const advisory of advisories) {
    for (const name of advisory.names) {
      if (joinsNone.has(name)) continue;
      const sharing = byName.get(name);
      if (sharing === undefined) byName.set(name, [advisory]);
      else sharing.push(advisory);
    }
  }
  const left = new Set(advisories);
  const components: NamedItems<Item>[][] = [];
  for (const start of advisories) {
    if (!left.delete(start)) continue;
    const component = [start];
    // The loop appends to the list that it iterates over, until no further advisory is connected.
    for (const { names } of component) {
      for (const name of names) {
        for (const each of byName.get(name) ?? []) if (left.delete(each)) component.push(each);
        byName.delete(name);
      }
    }
    components.push(component);
  }
  return components;
}
