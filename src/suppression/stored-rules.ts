import { randomUUID } from 'node:crypto';
import { ClairError } from '../errors.ts';
import { dayText } from '../model/time/day.ts';
import type { Diagnostic } from '../model/report/diagnostic.ts';
import {
  type IgnoreEntry,
  MAX_IGNORE_RULE_BYTES,
  type ReachOf,
  type RuleReach,
  type StoredIgnoreRule,
} from '../model/report/ignore-rule.ts';
import { parseIgnoreEntry } from './ignore-entry.ts';
import { isImage } from './image-pattern.ts';
import { patternName } from './package-pattern.ts';
import type { RuleSet, SuppressionRule } from './suppression-rule.ts';

/**
 * A rule without its name. `at` is the time in milliseconds since 1970, and `by` is the user who creates the rule, if
 * known.
 */
type NewRule = { readonly entry: IgnoreEntry; readonly at: number; readonly by: string | null };

/** The part of the store that adds and ends rules. */
export type StoredRuleTarget = {
  readonly add: (rule: NewRule & { readonly name: string }, reachOf: ReachOf) => Promise<StoredIgnoreRule>;
  readonly end: (name: string, at: number, by: string | null, reachOf: ReachOf) => Promise<boolean>;
};

/** Stores a rule under a random name. @throws ClairError `ignore-rule/invalid` or `ignore-rule/limit-exceeded` */
export async function addIgnoreRule({ add }: Pick<StoredRuleTarget, 'add'>, rule: NewRule): Promise<StoredIgnoreRule> {
  checkNewRule(rule.entry, dayText(rule.at));
  return await add({ name: randomUUID(), ...rule }, reachOfEntry);
}

/**
 * Ends a rule.
 *
 * @param at the time in milliseconds since 1970
 * @param by the user who ends the rule, if known
 * @throws ClairError `ignore-rule/not-found` if no rule with this name is active or expired
 */
export async function endIgnoreRule(
  { end }: Pick<StoredRuleTarget, 'end'>,
  name: string,
  at: number,
  by: string | null,
): Promise<void> {
  if (await end(name, at, by, reachOfEntry)) return;
  throw new ClairError('ignore-rule/not-found', `ignore rule ${name} not found or already ended`);
}

/**
 * Describes the findings that a rule may affect. The result is undefined for a rule that this version of Clair cannot
 * read; every report contains a diagnostic about such rules.
 */
export function reachOfEntry(entry: IgnoreEntry): RuleReach | undefined {
  let rule: SuppressionRule;
  try {
    rule = parseIgnoreEntry(entry);
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    return undefined;
  }
  // An entry has a single scope with at most one package.
  const [scope] = rule.scopes;
  const [pattern] = scope?.packages ?? [];
  return {
    ids: rule.ids,
    packageName: pattern === undefined ? null : patternName(pattern),
    includes: (image) => (scope?.images ?? []).every((each) => isImage(image, each)),
  };
}

/**
 * Checks the keys, the size and the expiry date of a rule before the rule is stored.
 *
 * @param today the day in UTC, in the form `YYYY-MM-DD`
 * @throws ClairError `ignore-rule/invalid`, whose message lists all malformed keys or, if all keys are valid, one fault
 */
export function checkNewRule(entry: unknown, today: string): void {
  const { expires } = parseIgnoreEntry(entry);
  const size = Buffer.byteLength(JSON.stringify(entry));
  if (size > MAX_IGNORE_RULE_BYTES) {
    throw new ClairError(
      'ignore-rule/invalid',
      `the rule is ${size} bytes long; the maximum is ${MAX_IGNORE_RULE_BYTES}`,
    );
  }
  if (expires !== null && expires < today) {
    throw new ClairError('ignore-rule/invalid', `expires is in the past: ${expires} (today is ${today} in UTC)`);
  }
}

/** The place that diagnostics name. */
const PLACE = 'ignore rules in the database';

/** The maximum number of unreadable rules that a diagnostic names. */
const MAX_NAMED = 3;

/**
 * Returns the rules of a store. Rules that this version of Clair cannot read, such as rules with a key of a later
 * version, do not apply, and the result contains a diagnostic about these rules.
 */
export function storedRuleSet(stored: readonly StoredIgnoreRule[]): RuleSet {
  const rules: SuppressionRule[] = [];
  const unreadable: string[] = [];
  for (const each of stored) {
    try {
      rules.push(ruleOf(each));
    } catch (error) {
      if (!(error instanceof ClairError)) throw error;
      unreadable.push(`${each.name} (${error.message})`);
    }
  }
  if (unreadable.length === 0) return { rules, isShared: true };
  const named = unreadable.slice(0, MAX_NAMED).join('; ');
  const diagnostic: Diagnostic = {
    code: 'suppression-unreadable',
    message: `not applied: ${unreadable.length === 1 ? '1 rule' : `${unreadable.length} rules`} that this release of Clair cannot read: ${named}${unreadable.length > MAX_NAMED ? '; …' : ''}`,
    where: PLACE,
  };
  return { rules, isShared: true, diagnostics: [diagnostic] };
}

function ruleOf({ name, entry }: StoredIgnoreRule): SuppressionRule {
  return { ...parseIgnoreEntry(entry), file: PLACE, place: name, where: `${name} in the database` };
}
