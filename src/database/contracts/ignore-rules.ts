import type { IgnoreEntry, IgnoreRuleState, ReachOf, StoredIgnoreRule } from '../../model/report/ignore-rule.ts';

/** Ignore rules that apply to the reports of all instances; ended rules are kept as a history. */
export type IgnoreRuleStore = {
  /**
   * Stores a rule, and marks the counts of the images that the rule may affect as out of date.
   *
   * @param reachOf returns the findings that a rule may affect; by default, every finding
   * @throws ClairError `ignore-rule/limit-exceeded`
   */
  readonly add: (rule: NewIgnoreRule, reachOf?: ReachOf) => Promise<StoredIgnoreRule>;
  readonly find: (name: string) => Promise<StoredIgnoreRule | undefined>;
  /** Returns the rules that match the filters and were created before the rule `before`, newest first. */
  readonly list: (
    filters: IgnoreRuleFilters,
    page: { readonly before: number | undefined; readonly limit: number },
  ) => Promise<readonly (StoredIgnoreRule & { readonly id: number })[]>;
  readonly count: (filters: IgnoreRuleFilters) => Promise<number>;
  /**
   * Ends a rule at a time, and marks the counts of the images that the rule may affect as out of date. Returns false if
   * there is no rule with this name, or if the rule has already ended.
   */
  readonly end: (name: string, at: number, by: string | null, reachOf?: ReachOf) => Promise<boolean>;
  /**
   * Returns a number that increases with each change of the rules. Callers must read the revision before the rules, so
   * that a change between the two reads is noticed at the next read.
   */
  readonly revision: () => Promise<number>;
  /** Returns all rules that no client has ended, including expired rules, oldest first. */
  readonly all: () => Promise<readonly StoredIgnoreRule[]>;
};

/** A rule to store; `at` is the time of creation in milliseconds since 1970. */
export type NewIgnoreRule = {
  readonly name: string;
  readonly entry: IgnoreEntry;
  readonly at: number;
  readonly by: string | null;
};

export type IgnoreRuleFilters = {
  readonly state: IgnoreRuleState;
  /** `YYYY-MM-DD`, the day in UTC that separates active from expired rules. */
  readonly today: string;
  /** A part of an ID, package, layer, image, reason or author; case-insensitive. */
  readonly search?: string;
};
