/** An ignore rule from a client, with the keys of ignore files (docs/reference/report.md). */
export type IgnoreEntry = {
  /** The IDs of vulnerabilities; absent for every vulnerability of the package. */
  readonly id?: readonly string[];
  readonly package?: string;
  readonly layer?: string;
  readonly image?: string;
  readonly reason: string;
  readonly author?: string;
  /** The last day of the rule in UTC, in the form `YYYY-MM-DD`. */
  readonly expires?: string;
};

/** An ignore rule in the database. Times are milliseconds since 1970. */
export type StoredIgnoreRule = {
  readonly entry: IgnoreEntry;
  /** A random UUID. */
  readonly name: string;
  readonly createdAt: number;
  /** The creator of the rule: the subject of the token, or the account that ran the command; null if unknown. */
  readonly createdBy: string | null;
  /** The time when a client ended the rule; null if no client has ended the rule. */
  readonly endedAt: number | null;
  /** The subject or account that ended the rule; null if the rule has not ended or the account is unknown. */
  readonly endedBy: string | null;
};

/** Returns the findings that a rule may affect, or undefined if the rule may affect every report. */
export type ReachOf = (entry: IgnoreEntry) => RuleReach | undefined;

/** The findings that a rule may affect. */
export type RuleReach = {
  /** Names of the vulnerability; null for every vulnerability. */
  readonly ids: readonly string[] | null;
  /** A name of the package, its source package or its candidate; null for every package. */
  readonly packageName: string | null;
  readonly includes: (image: Readonly<Record<'reference' | 'digest' | 'platform', string>>) => boolean;
};

/**
 * The states of ignore rules. `active` rules apply. `ended` rules were ended by a client, before or after they expired.
 */
export const IGNORE_RULE_STATES = ['active', 'expired', 'ended'] as const;

export type IgnoreRuleState = (typeof IGNORE_RULE_STATES)[number];

/** Returns the state of a rule on a day. @param today `YYYY-MM-DD`, the day in UTC */
export function ignoreRuleState({ entry, endedAt }: StoredIgnoreRule, today: string): IgnoreRuleState {
  if (endedAt !== null) return 'ended';
  return entry.expires !== undefined && entry.expires < today ? 'expired' : 'active';
}

/**
 * Returns the JSON of a rule in the API and the CLI. An absent key is null, and times are ISO 8601.
 *
 * @param today `YYYY-MM-DD`, the day in UTC
 */
export function ignoreRuleJson(rule: StoredIgnoreRule, today: string): object {
  const { name, entry, createdAt, createdBy, endedAt, endedBy } = rule;
  const { id = null, package: named = null, layer = null, image = null, reason, author = null, expires = null } = entry;
  return {
    name,
    id,
    package: named,
    layer,
    image,
    reason,
    author,
    expires,
    createdAt: new Date(createdAt).toISOString(),
    createdBy,
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    endedBy,
    state: ignoreRuleState(rule, today),
  };
}

/** The maximum length of a text of an ignore rule, in characters. Reasons are sentences; names are much shorter. */
export const MAX_IGNORE_TEXT_LENGTH = 2000;

/** The maximum number of IDs of an ignore rule. */
export const MAX_IGNORE_IDS = 1000;

/** The maximum size of an ignore rule as JSON in UTF-8. 1000 IDs take about 20 KB. */
export const MAX_IGNORE_RULE_BYTES: number = 64 * 1024;

/** The maximum number of ignore rules that are not ended, as in an ignore file. */
export const MAX_IGNORE_RULES = 10_000;

/**
 * The maximum total length of all ignore rules that are not ended, in characters of JSON. The length is limited,
 * because every report applies these rules. The ended rules have the same limit.
 */
export const MAX_IGNORE_RULES_LENGTH = 4_000_000;

/** The maximum number of ended ignore rules in the history; the rules that ended earliest are removed. */
export const MAX_ENDED_IGNORE_RULES = 10_000;
