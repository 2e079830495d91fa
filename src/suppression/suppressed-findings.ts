import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { Report, ReportFinding, SuppressedFinding } from '../model/report/report.ts';
import { isImage } from './image-pattern.ts';
import { isPackage } from './package-pattern.ts';
import type { RuleScope, RuleSet, SuppressionRule } from './suppression-rule.ts';

/** What of a report rules look at. */
export type JudgedReport = Pick<Report, 'target' | 'distribution' | 'layers' | 'findings'>;

/** Findings after all rules were asked, and what must be said of the rules. */
export type Judgement = Pick<Report, 'findings' | 'suppressed'> & { readonly diagnostics: readonly Diagnostic[] };

/**
 * Takes out of the findings what rules rule out. An entry of an ignore file that holds today does so by itself; of the
 * statements of VEX documents the latest one decides (OpenVEX 0.2.0, "Updating statements"), and of equally old ones the one
 * that comes later. A rule may call a vulnerability by any of its names. An advisory that fixes several CVEs is ruled out by its
 * own name, or when all of its CVEs are.
 *
 * @param today `YYYY-MM-DD`, the day in UTC
 */
export function judgeFindings(report: JudgedReport, sets: readonly RuleSet[], today: string): Judgement {
  const rules = sets.flatMap((set) => set.rules);
  const index = indexOf(rules);
  const matched = new Set<SuppressionRule>();

  /** The rule that decides of a vulnerability in a package, of those that call it by one of these names. */
  function decisive(finding: ReportFinding, names: readonly string[]): SuppressionRule | undefined {
    const candidates = new Set([...names.flatMap((name) => index.byId.get(nameKey(name)) ?? []), ...index.ofAll]);
    const meant = [...candidates].filter(({ scopes }) => scopes.some((scope) => isInScope(report, finding, scope)));
    for (const rule of meant) matched.add(rule);
    const ignoring = meant.find((rule) => rule.by === 'ignore' && !isExpired(rule, today));
    return ignoring ?? meant.filter(({ by }) => by !== 'ignore').reduce<SuppressionRule | undefined>(later, undefined);
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

type RuleIndex = {
  readonly byId: ReadonlyMap<string, readonly SuppressionRule[]>;
  readonly ofAll: readonly SuppressionRule[];
};

function indexOf(rules: readonly SuppressionRule[]): RuleIndex {
  const byId = new Map<string, SuppressionRule[]>();
  for (const rule of rules) {
    for (const id of rule.ids ?? []) {
      const known = byId.get(nameKey(id));
      if (known === undefined) byId.set(nameKey(id), [rule]);
      else known.push(rule);
    }
  }
  return { byId, ofAll: rules.filter(({ ids }) => ids === null) };
}

/** Identifiers are written in any case of letters. */
function nameKey(id: string): string {
  return id.toUpperCase();
}

function later(one: SuppressionRule | undefined, next: SuppressionRule): SuppressionRule {
  return one !== undefined && one.timestamp > next.timestamp ? one : next;
}

function isExpired({ expires }: SuppressionRule, today: string): boolean {
  return expires !== null && expires < today;
}

function isInScope({ target, layers }: JudgedReport, finding: ReportFinding, scope: RuleScope): boolean {
  const layer = layers[finding.layer];
  return (
    scope.images.every((pattern) => isImage(target, pattern)) &&
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

/** What must be said of the rules of a set; of each file once. Rules for other images are no matter here. */
function diagnosticsOf(
  report: JudgedReport,
  { rules, isShared }: RuleSet,
  matched: ReadonlySet<SuppressionRule>,
  today: string,
): readonly Diagnostic[] {
  const own = rules.filter(
    ({ scopes, effect }) =>
      effect === 'suppress' && (scopes.length === 0 || scopes.some((scope) => couldBeIn(report, scope))),
  );
  return [...new Set(own.map(({ file }) => file))].flatMap((file) => {
    const ofFile = own.filter((rule) => rule.file === file && (!isShared || matched.has(rule)));
    const expired = ofFile.filter((rule) => isExpired(rule, today));
    const unmatched = ofFile.filter((rule) => !isExpired(rule, today) && !matched.has(rule));
    const diagnostics: Diagnostic[] = [];
    if (expired.length > 0) {
      const message = `${countOf(expired)} past the last day, and without effect: ${named(expired)}`;
      diagnostics.push({ code: 'suppression-expired', message, where: file });
    }
    if (unmatched.length > 0) {
      const message = `${countOf(unmatched)} without effect, as nothing that was found is meant: ${named(unmatched)}`;
      diagnostics.push({ code: 'suppression-unmatched', message, where: file });
    }
    return diagnostics;
  });
}

/** Whether a scope is about the image at all, whatever was found in it. */
function couldBeIn({ target, distribution }: JudgedReport, { images, release }: RuleScope): boolean {
  const isRelease = release === undefined || release === distribution?.namespace;
  return isRelease && images.every((pattern) => isImage(target, pattern));
}

function countOf(rules: readonly SuppressionRule[]): string {
  return rules.length === 1 ? '1 rule is' : `${rules.length} rules are`;
}

/** How many rules a diagnostic names. */
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
