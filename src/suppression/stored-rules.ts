import { ClairError } from '../errors.ts';
import type { StoredIgnoreRule } from '../model/report/ignore-rule.ts';
import { parseIgnoreEntry } from './ignore-file.ts';
import type { RuleSet, SuppressionRule } from './suppression-rule.ts';

/** The part of the store that the rules are read from. */
export type StoredRuleSource = {
  readonly revision: () => Promise<number>;
  readonly all: () => Promise<readonly StoredIgnoreRule[]>;
};

/** Returns the ignore rules of the database, which are read again only after a change. */
export function followStoredRules({ revision, all }: StoredRuleSource): () => Promise<RuleSet> {
  let known: { readonly revision: number; readonly set: RuleSet } | undefined;
  return async () => {
    // The revision is read first: rules that are newer than their revision are read once more.
    const present = await revision();
    if (known?.revision !== present) {
      const rules = present === 0 ? [] : (await all()).map(ruleOf);
      known = { revision: present, set: { rules, isShared: true } };
    }
    return known.set;
  };
}

/**
 * Checks the keys of a rule before it is stored.
 *
 * @param today `YYYY-MM-DD`, the day in UTC
 * @throws ClairError `ignore-rule/invalid`, with all faults of the rule
 */
export function checkNewRule(entry: unknown, today: string): void {
  const { expires } = parseIgnoreEntry(entry);
  if (expires !== null && expires < today) {
    throw new ClairError('ignore-rule/invalid', `expires is in the past: ${expires} (today is ${today} in UTC)`);
  }
}

/** The file that diagnostics name. */
const PLACE = 'ignore rules of the database';

function ruleOf({ name, entry }: StoredIgnoreRule): SuppressionRule {
  return { ...parseIgnoreEntry(entry), file: PLACE, place: name, where: `${name} in the database` };
}
