import type { StoredIgnoreRule } from '../model/report/ignore-rule.ts';
import type { RuleSet } from './suppression-rule.ts';

/** The part of the store that returns the rules. */
export type StoredRuleSource = {
  readonly revision: () => Promise<number>;
  readonly all: () => Promise<readonly StoredIgnoreRule[]>;
};

/**
 * Returns a function that returns the ignore rules in the database, as `storedRuleSet`. The rules are read again only
 * after a change.
 */
export function followStoredRules({ revision, all }: StoredRuleSource): () => Promise<RuleSet> {
  let known: { readonly revision: number; readonly set: RuleSet } | undefined;
  return async () => {
    // Read the revision first, so that the next call reads the rules again if they are newer than the known revision.
    const present = await revision();
    if (known?.revision !== present) {
      known = { revision: present, set: await setOf(present === 0 ? [] : await all()) };
    }
    return known.set;
  };
}

async function setOf(stored: readonly StoredIgnoreRule[]): Promise<RuleSet> {
  if (stored.length === 0) return { rules: [], isShared: true };
  // The parser is loaded on demand, because loading its library for package URLs takes longer than reading the rules.
  const { storedRuleSet } = await import('./stored-rules.ts');
  return storedRuleSet(stored);
}
