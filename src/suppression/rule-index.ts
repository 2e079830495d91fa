import { type FoundPackage, foundNames, patternName } from './package-pattern.ts';
import type { RuleScope, SuppressionRule } from './suppression-rule.ts';

/** A scope of a rule, with the index of the rule among all rules. */
export type PlacedScope = { readonly rule: SuppressionRule; readonly scope: RuleScope; readonly place: number };

/**
 * Returns a function that finds the scopes of rules that can contain a finding, in the order of the rules. The rules
 * are indexed by the names of vulnerabilities and packages, because comparing every finding with each of 10,000 rules
 * would take seconds.
 *
 * @returns the scopes of rules for any of the names, and of rules for every vulnerability; the caller must check
 * whether each scope contains the finding
 */
export function indexRules(
  rules: readonly SuppressionRule[],
): (found: FoundPackage, names: readonly string[]) => readonly PlacedScope[] {
  const index = new Map<string, Map<string, PlacedScope[]>>();
  for (const [place, rule] of rules.entries()) {
    for (const scope of rule.scopes) {
      const [pattern] = scope.packages;
      const name = pattern === undefined ? ANY : patternName(pattern);
      for (const id of new Set(rule.ids?.map(nameKey) ?? [ANY])) add(index, id, name, { rule, scope, place });
    }
  }
  return (found, names) => {
    const scopes: PlacedScope[] = [];
    let packages: readonly string[] | undefined;
    for (const id of new Set([...names.map(nameKey), ANY])) {
      const ofId = index.get(id);
      if (ofId === undefined) continue;
      packages ??= [...foundNames(found), ANY];
      for (const name of packages) for (const placed of ofId.get(name) ?? []) scopes.push(placed);
    }
    return scopes.toSorted((one, other) => one.place - other.place);
  };
}

/**
 * The key of rules for every vulnerability and of scopes for every package; no vulnerability and no package has this
 * name.
 */
const ANY = '';

function add(index: Map<string, Map<string, PlacedScope[]>>, id: string, name: string, placed: PlacedScope): void {
  let ofId = index.get(id);
  if (ofId === undefined) index.set(id, (ofId = new Map()));
  const known = ofId.get(name);
  if (known === undefined) ofId.set(name, [placed]);
  else known.push(placed);
}

/** Returns the key of an identifier. Identifiers are case-insensitive. */
function nameKey(id: string): string {
  return id.toUpperCase();
}
