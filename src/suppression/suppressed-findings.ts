import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { Report, ReportFinding, SuppressedFinding } from '../model/report/report.ts';
import { isImage } from './image-pattern.ts';
import { isPackage } from './package-pattern.ts';
import { indexRules } from './rule-index.ts';
import type { RuleScope, RuleSet, SuppressionRule } from './suppression-rule.ts';

/** The parts of a report that rules match. */
export type JudgedReport = Pick<Report, 'target' | 'distribution' | 'layers' | 'findings'>;

/** The remaining and suppressed findings, and diagnostics about the rules. */
export type Judgement = Pick<Report, 'findings' | 'suppressed'> & { readonly diagnostics: readonly Diagnostic[] };

/**
 * Applies suppression rules to findings. Any unexpired ignore rule that matches a finding suppresses the finding. Among
 * statements in VEX documents, the newest statement applies (OpenVEX 0.2.0, "Updating statements"), or the last of
 * several statements with the same time. Documents that the user chose take precedence over statements that are in an
 * SBOM or attached to the image. A rule may use any name of a vulnerability. An advisory that fixes several CVEs is
 * suppressed if a rule names the advisory itself, or if all of its CVEs are suppressed.
 *
 * @param today the day in UTC, in the form `YYYY-MM-DD`
 */
export function judgeFindings(report: JudgedReport, sets: readonly RuleSet[], today: string): Judgement {
  const rules = sets.flatMap((set) => set.rules);
  const scopesOf = indexRules(rules);
  const isOfImage = imageCheck(report.target);
  const matched = new Set<SuppressionRule>();

  /** Returns the rule that applies to a finding under any of `names`, and adds all rules in scope to `matched`. */
  function decisive(finding: ReportFinding, names: readonly string[]): SuppressionRule | undefined {
    const inScope = scopesOf(finding, names).filter(
      ({ scope }) => isInScope(report, finding, scope) && isOfImage(scope),
    );
    const meant = [...new Set(inScope.map(({ rule }) => rule))];
    for (const rule of meant) matched.add(rule);
    const ignoring = meant.find((rule) => rule.by === 'ignore' && !isExpired(rule, today));
    const stated = meant.filter(({ by }) => by !== 'ignore');
    const chosen = stated.filter(({ by }) => by !== 'sbom' && by !== 'attestation');
    return ignoring ?? (chosen.length > 0 ? chosen : stated).reduce<SuppressionRule | undefined>(later, undefined);
  }

  function suppressing(finding: ReportFinding): SuppressionRule | undefined {
    const cves = finding.cves.map(({ id }) => id);
    const isOne = cves.length === 1 || cves.includes(finding.id);
    const own = decisive(finding, [finding.id, ...finding.aliases, ...(isOne ? cves : [])]);
    if (own !== undefined) return own.effect === 'suppress' ? own : undefined;
    if (isOne) return undefined;
    const each = cves.map((cve) => decisive(finding, [cve]));
    return each.every((rule) => rule?.effect === 'suppress') ? each[0] : undefined;
  }

  const findings: ReportFinding[] = [];
  const suppressed: SuppressedFinding[] = [];
  for (const finding of report.findings) {
    const rule = rules.length === 0 ? undefined : suppressing(finding);
    if (rule === undefined) findings.push(finding);
    else suppressed.push({ ...finding, suppression: suppressionOf(rule) });
  }
  const diagnostics = sets.flatMap((set) => [
    ...(set.diagnostics ?? []),
    ...diagnosticsOf(report, set, matched, today),
  ]);
  return { findings, suppressed, diagnostics };
}

function later(one: SuppressionRule | undefined, next: SuppressionRule): SuppressionRule {
  return one !== undefined && one.timestamp > next.timestamp ? one : next;
}

function isExpired({ expires }: SuppressionRule, today: string): boolean {
  return expires !== null && expires < today;
}

/** Returns a function that returns whether a scope includes the image. Each scope is checked only once. */
function imageCheck(target: JudgedReport['target']): (scope: RuleScope) => boolean {
  const known = new Map<RuleScope, boolean>();
  return (scope) => {
    let isIn = known.get(scope);
    if (isIn === undefined) known.set(scope, (isIn = scope.images.every((pattern) => isImage(target, pattern))));
    return isIn;
  };
}

/** Returns whether a scope includes a finding, regardless of the image. */
function isInScope({ layers }: JudgedReport, finding: ReportFinding, scope: RuleScope): boolean {
  const layer = layers[finding.layer];
  return (
    scope.packages.every((pattern) => isPackage(finding, pattern)) &&
    (scope.release === undefined || scope.release === finding.namespace) &&
    (scope.layer === undefined ||
      (layer !== undefined && [layer.origin, layer.digest, layer.diffId].includes(scope.layer)))
  );
}

function suppressionOf(rule: SuppressionRule): SuppressedFinding['suppression'] {
  const { by, where, justification, reason, author, expires } = rule;
  return { by, where, justification, reason, author, expires };
}

/**
 * Returns the diagnostics about the rules of a set, with at most one for each pair of file and code. The function
 * ignores rules that keep findings, rules for other images, and unmatched rules of a shared set.
 */
function diagnosticsOf(
  report: JudgedReport,
  { rules, isShared }: RuleSet,
  matched: ReadonlySet<SuppressionRule>,
  today: string,
): readonly Diagnostic[] {
  const own = rules.filter(
    (rule) =>
      rule.effect === 'suppress' &&
      (!isShared || matched.has(rule)) &&
      (rule.scopes.length === 0 || rule.scopes.some((scope) => couldBeIn(report, scope))),
  );
  return [...new Set(own.map(({ file }) => file))].flatMap((file) => {
    const ofFile = own.filter((rule) => rule.file === file);
    const expired = ofFile.filter((rule) => isExpired(rule, today));
    const unmatched = ofFile.filter((rule) => !isExpired(rule, today) && !matched.has(rule));
    const diagnostics: Diagnostic[] = [];
    if (expired.length > 0) {
      const message = `${countOf(expired)} expired: ${named(expired)}`;
      diagnostics.push({ code: 'suppression-expired', message, where: file });
    }
    if (unmatched.length > 0) {
      const message = `${countOf(unmatched)} no match: ${named(unmatched)}`;
      diagnostics.push({ code: 'suppression-unmatched', message, where: file });
    }
    return diagnostics;
  });
}

/** Returns whether a scope includes the image, regardless of its packages. */
function couldBeIn({ target, distribution }: JudgedReport, { images, release }: RuleScope): boolean {
  const isRelease = release === undefined || release === distribution?.namespace;
  return isRelease && images.every((pattern) => isImage(target, pattern));
}

function countOf(rules: readonly SuppressionRule[]): string {
  return rules.length === 1 ? '1 rule has' : `${rules.length} rules have`;
}

/** The maximum number of rules that a diagnostic names. */
const MAX_NAMED = 3;

function named(rules: readonly SuppressionRule[]): string {
  const first = rules.slice(0, MAX_NAMED).map(({ place, ids, expires }) => {
    const what =
      ids === null
        ? 'any vulnerability'
        : `${ids.slice(0, MAX_NAMED).join(', ')}${ids.length > MAX_NAMED ? ', …' : ''}`;
    return `${place} (${what}${expires === null ? '' : `, until ${expires}`})`;
  });
  return `${first.join('; ')}${rules.length > MAX_NAMED ? '; …' : ''}`;
}
