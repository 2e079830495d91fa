import { isCveId } from '../../model/enrichment.ts';
import { textOrder } from '../../model/text-order.ts';
import { type AdvisoryNames, type NamedItems, namedItems } from './advisory-names.ts';
import { connectedItems } from './connected-items.ts';

/** The advisories about the same vulnerability. */
export type NameGroup<Item> = {
  /** The CVE of the group; without a single CVE, the first GHSA ID; otherwise the first identifier of an advisory. */
  readonly id: string;
  /** All other names, sorted. No two groups have a name in common. */
  readonly aliases: readonly string[];
  /**
   * The advisories, sorted by name, with the advisory named `id` first; advisories with the same name are in the order
   * of the input.
   */
  readonly members: readonly Item[];
};

/**
 * Groups advisories for the same package by vulnerability:
 *
 * 1. Advisories with the same identifier are about the same vulnerability, even if different feeds publish them.
 * 2. Advisories that name the same single CVE are about the same vulnerability.
 * 3. Advisories without a CVE that share a name are about the same vulnerability. If such advisories share names with
 *    advisories of exactly one CVE, all of them are about that CVE.
 * 4. An advisory with several CVEs, such as an erratum, is a separate group. The aliases of such an advisory are not
 *    names of the group. Advisories without a CVE do not join such a group. A joint group would hide vulnerabilities,
 *    because several CVEs would share a finding and an ignore rule would apply to all these CVEs.
 *
 * A name that several groups contain belongs to the group whose advisory has the name as its identifier, or to no
 * group. Apart from the order of advisories with the same name, the result does not depend on the order of the input.
 * Except for sorting, the time is linear in the number of names.
 *
 * @param namesOf returns the names of an item
 */
export function groupsByName<Item>(
  items: Iterable<Item>,
  namesOf: (item: Item) => AdvisoryNames,
): readonly NameGroup<Item>[] {
  const advisories = namedItems(items, namesOf);
  const several = advisories.filter(({ cves }) => cves.length > 1);
  const ofCves = new Map<string, Group<Item>>();
  for (const advisory of advisories) {
    const [cve, another] = advisory.cves;
    if (cve === undefined || another !== undefined) continue;
    const group = ofCves.get(cve);
    if (group === undefined) ofCves.set(cve, [advisory]);
    else group.push(advisory);
  }
  const reserved = ownersOf([...ofCves.values(), ...several.map((each): Group<Item> => [each])]);
  const joinsNone = new Set(several.map(({ id }) => id));
  for (const [name, owner] of reserved) if (owner === undefined) joinsNone.add(name);
  const apart: Group<Item>[] = several.map((each) => [each]);
  for (const component of connectedItems(
    advisories.filter(({ cves }) => cves.length === 0),
    joinsNone,
  )) {
    const names = component.flatMap((each) => [...each.names]).filter((name) => !joinsNone.has(name));
    const claiming = new Set(names.map((name) => reserved.get(name)).filter((each) => each !== undefined));
    const [group, another] = claiming;
    if (group === undefined || another !== undefined) apart.push(component);
    else group.push(...component);
  }
  const groups = [...ofCves.values(), ...apart];
  const owners = ownersOf(groups);
  return groups.map((group) => namedGroup(group, owners)).toSorted((one, other) => textOrder(one.id, other.id));
}

type Group<Item> = NamedItems<Item>[];

/** Returns whether the aliases of an advisory are names of its vulnerability. */
function isOfOne({ cves }: NamedItems<unknown>): boolean {
  return cves.length < 2;
}

/** Returns the group of each name, or undefined for a name that several groups contain. */
function ownersOf<Item>(groups: readonly Group<Item>[]): ReadonlyMap<string, Group<Item> | undefined> {
  const owners = new Map<string, Group<Item> | undefined>();
  for (const group of groups) for (const { id } of group) owners.set(id, group);
  const identifiers = new Set(owners.keys());
  for (const group of groups) {
    for (const name of group.filter(isOfOne).flatMap(({ names }) => [...names])) {
      if (identifiers.has(name)) continue;
      owners.set(name, !owners.has(name) || owners.get(name) === group ? group : undefined);
    }
  }
  return owners;
}

function namedGroup<Item>(group: Group<Item>, owners: ReadonlyMap<string, Group<Item> | undefined>): NameGroup<Item> {
  const ids = group.map((each) => each.id);
  const claimed = group.flatMap((each) => (isOfOne(each) ? [...each.names] : [each.id]));
  const names = [...new Set(claimed)].filter((name) => owners.get(name) === group).toSorted(textOrder);
  const id = names.find(isCveId) ?? names.find(isGhsaId) ?? ids.toSorted(textOrder)[0] ?? '';
  const sorted = group.toSorted(
    (one, other) => Number(other.id === id) - Number(one.id === id) || textOrder(one.id, other.id),
  );
  return { id, aliases: names.filter((name) => name !== id), members: sorted.flatMap((each) => each.items) };
}

/** Returns whether a text is an identifier of the GitHub Advisory Database. */
function isGhsaId(text: string): boolean {
  return text.startsWith('GHSA-');
}
