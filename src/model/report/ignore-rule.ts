/** An ignore rule as a client states it, with the keys of ignore files (docs/reference/report.md). */
export type IgnoreEntry = {
  /** The IDs of vulnerabilities; absent for every vulnerability of the package. */
  readonly id?: readonly string[];
  readonly package?: string;
  readonly layer?: string;
  readonly image?: string;
  readonly reason: string;
  readonly author?: string;
  /** The last day of the rule, `YYYY-MM-DD` in UTC. */
  readonly expires?: string;
};

/** An ignore rule in the database. Times are milliseconds since 1970. */
export type StoredIgnoreRule = {
  readonly entry: IgnoreEntry;
  /** A random UUID. */
  readonly name: string;
  readonly createdAt: number;
  /** Who created the rule: the subject of the token, or the account that ran the command; null if unknown. */
  readonly createdBy: string | null;
  /** When a client ended the rule; null before. */
  readonly endedAt: number | null;
  /** Who ended the rule; null before, or if unknown. */
  readonly endedBy: string | null;
};

/** The states of ignore rules: `active` rules apply; a client ended the `ended` rules before they expired, or after. */
export const IGNORE_RULE_STATES = ['active', 'expired', 'ended'] as const;

export type IgnoreRuleState = (typeof IGNORE_RULE_STATES)[number];

/** Returns the state of a rule. @param today `YYYY-MM-DD`, the day in UTC */
export function ignoreRuleState({ entry, endedAt }: StoredIgnoreRule, today: string): IgnoreRuleState {
  if (endedAt !== null) return 'ended';
  return entry.expires !== undefined && entry.expires < today ? 'expired' : 'active';
}

/** The maximum size of an ignore rule as JSON in UTF-8: 1000 IDs have about 20 KB. */
export const MAX_IGNORE_RULE_BYTES: number = 64 * 1024;

/** The maximum number of ignore rules that are not ended, as in an ignore file. */
export const MAX_IGNORE_RULES = 10_000;

/**
 * The maximum length of all ignore rules that are not ended, in characters of JSON: every report applies them. The
 * ended rules have the same limit.
 */
export const MAX_IGNORE_RULES_LENGTH = 4_000_000;

/** The maximum number of ended ignore rules in the history; rules that ended first are removed. */
export const MAX_ENDED_IGNORE_RULES = 10_000;
