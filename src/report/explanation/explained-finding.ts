import { lineKey } from '../../ecosystems/line-key.ts';
import { archOf, candidatesOf, isSystemPackage, sourceOf } from '../../model/feature.ts';
import type { VulnerabilityRecord } from '../../database/contracts/vulnerabilities.ts';
import type { LocatedFeature, FeatureChange } from '../../model/layer.ts';
import { ownerOf } from '../image/report-packages.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { ecosystemOf, typeOfNamespace } from '../../ecosystems/index.ts';
import { downloadHint, feedsToDownload } from '../../model/releases/distribution-feeds.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { FILES } from '../../model/advisories/file-rule.ts';
import type { Report } from '../../model/report/report.ts';
import { ENRICHMENT_FEEDS } from '../../model/enrichment.ts';
import type { ExplainedCve, ExplainedPackage, ExplainedRule, Explanation, Verdict } from './explanation.ts';
import { fileWords } from '../writing/file-words.ts';
import { groupedBy } from '../writing/grouped.ts';
import { outcomeText, ruleOutcome } from './rule-outcome.ts';

/** The data about an image and a vulnerability that an explanation needs. */
export type ExplanationQuestion = {
  readonly id: string;
  readonly report: Report;
  /** The advisories whose identifier or alias is `id` or another name of the vulnerability in the report. */
  readonly records: readonly VulnerabilityRecord[];
  readonly installed: readonly LocatedFeature[];
  /** The packages that each layer adds and removes, base first. */
  readonly changes: readonly (readonly FeatureChange[])[];
  /** The CVEs of the vulnerability with their enrichments. */
  readonly cves: readonly ExplainedCve[];
  /** The products of the repositories that each layer was built from, base first. */
  readonly products: readonly ReadonlySet<string>[];
  /**
   * The namespaces whose advisories replace library advisories for files of distribution packages (`FeedStore.judges`).
   */
  readonly judges: ReadonlySet<string>;
};

/** Explains why a vulnerability does or does not affect an image. */
export function explainFinding(question: ExplanationQuestion): Explanation {
  const { id, report, records, cves } = question;
  const { target, distribution, diagnostics } = report;
  const packages = explainedPackages(question);
  const verdict = verdictOf(question, packages);
  return {
    schemaVersion: 2,
    id,
    target,
    distribution,
    verdict,
    why: WORDS[verdict](question, packages),
    packages,
    cves,
    facts: Object.values(ENRICHMENT_FEEDS).map((name) => {
      const { updatedAt = null, isStale = false } = report.feeds.find((feed) => feed.name === name) ?? {};
      return { name, updatedAt, isStale };
    }),
    records: records.map(({ feed, name, aliases, link, description, affected }) => ({
      feed,
      name,
      aliases,
      link,
      description,
      namespaces: [...new Set(affected.map(({ namespace }) => namespace))],
    })),
    diagnostics,
  };
}

function explainedPackages(question: ExplanationQuestion): readonly ExplainedPackage[] {
  const { report, records, installed, products, judges } = question;
  const byName = groupedBy(
    records.flatMap((record) => record.affected.map((affected) => ({ record, affected }))),
    ({ affected }) => lineKey(affected.namespace, affected.package, affected.role),
  );
  const names = new Set(records.map(({ name }) => name));
  const packages = installed.flatMap((each): readonly ExplainedPackage[] => {
    const { feature: of, namespace, originDepth } = each;
    const rules = ecosystemOf(of)
      .lines(of)
      .flatMap((name) =>
        (byName.get(lineKey(namespace, name.name, name.role)) ?? []).map(({ record, affected }): ExplainedRule => {
          const context = { products: products[originDepth] ?? new Set(), judges };
          const outcome = ruleOutcome(each, name, affected, context);
          return {
            feed: record.feed,
            vulnerability: record.name,
            name: name.name,
            isOfSource: name.role === 'source' || (isSystemPackage(of) && of.type !== 'rpm'),
            installed: name.version,
            from: affected.introduced ?? '0',
            to: affected.fixed ?? affected.lastAffected ?? '∞',
            isToAffected: affected.fixed === undefined && affected.lastAffected !== undefined,
            severity: affected.severity,
            severityFrom: affected.severityFrom ?? 'feed',
            status: affected.status,
            product: affected.cpe ?? null,
            outcome,
            why: outcomeText(outcome, name, affected, each),
          };
        }),
      );
    if (rules.length === 0) return [];
    const isIt = (finding: Report['findings'][number]): boolean =>
      [finding.id, ...finding.aliases].some((name) => names.has(name)) &&
      finding.type === of.type &&
      finding.package === of.name &&
      finding.version === of.version &&
      isOneOf(finding.candidates, candidatesOf(of));
    const allFound = report.findings.filter(isIt);
    const allSuppressed = report.suppressed.filter(isIt);
    const [found] = allFound;
    const [suppressed] = allSuppressed;
    const suppression = suppressed?.suppression ?? null;
    const layer = report.layers[originDepth];
    return [
      {
        type: of.type,
        package: of.name,
        version: of.version,
        arch: archOf(of),
        path: each.path,
        candidates: candidatesOf(of),
        owner: ownerOf(each),
        source: sourceOf(of),
        namespace,
        verdict: packageVerdict(rules, suppression !== null && found === undefined),
        findings: [...new Set([...allFound, ...allSuppressed].map(({ id }) => id))],
        severity: (found ?? suppressed)?.severity ?? null,
        severityFrom: (found ?? suppressed)?.severityFrom ?? null,
        risk: (found ?? suppressed)?.risk ?? null,
        reachability: (found ?? suppressed)?.reachability ?? null,
        reachabilityBasis: (found ?? suppressed)?.reachabilityBasis ?? null,
        reachabilityReason: (found ?? suppressed)?.reachabilityReason ?? null,
        layer: {
          index: originDepth,
          createdBy: layer?.createdBy ?? '',
          origin: layer?.origin ?? 'unknown',
        },
        rules: rules.toSorted((one, other) => rank(one.outcome) - rank(other.outcome)),
        suppression,
      },
    ];
  });
  return packages.toSorted((one, other) => rank(one.verdict) - rank(other.verdict));
}

/**
 * Returns whether a match is about a package with these candidates; only the candidates distinguish packages with the
 * same name.
 */
function isOneOf(matched: readonly string[], candidates: readonly string[]): boolean {
  return matched.length === 0 ? candidates.length === 0 : matched.every((name) => candidates.includes(name));
}

function packageVerdict(rules: readonly ExplainedRule[], isSuppressed: boolean): ExplainedPackage['verdict'] {
  if (rules.some(({ outcome }) => outcome === 'affected')) return isSuppressed ? 'suppressed' : 'affected';
  return rules.some(({ outcome }) => outcome === 'undecided' || outcome === 'version-unclear')
    ? 'undecided'
    : 'not-affected';
}

/** The order of outcomes and verdicts: those that determine the verdict of the package or image come first. */
const FIRST: readonly string[] = [
  'affected',
  'suppressed',
  'undecided',
  'version-unclear',
  'fixed',
  'not-yet-introduced',
];

function rank(word: string): number {
  const place = FIRST.indexOf(word);
  return place === -1 ? FIRST.length : place;
}

function verdictOf(question: ExplanationQuestion, packages: readonly ExplainedPackage[]): Verdict {
  const { report, records } = question;
  const [first] = packages;
  if (first !== undefined) return first.verdict;
  if (isAboutFiles(records)) return 'not-affected';
  if (isUnchecked(report)) return 'no-data';
  if (records.length === 0) return 'unknown';
  if (foreignPackages(question).length > 0) return 'no-data';
  return namesHere(report, records).length === 0 ? 'not-listed' : 'not-installed';
}

/**
 * Returns whether Clair could not check the image: no feed covers the image or its release, the release of its system
 * packages is unknown, or the image has neither a distribution nor packages.
 */
function isUnchecked({ distribution, packages, coverage, feeds }: Report): boolean {
  if (!feeds.some(({ isUsed }) => isUsed)) return true;
  if (distribution === null) return packages.length === 0 || !packages.every(isLibrary);
  return coverage.some((each) => each.namespace === distribution.namespace && each.feeds.length === 0);
}

/** Returns the release of an image, and the namespaces of its libraries that feeds cover. */
function namespacesOf({ distribution, coverage }: Report): readonly string[] {
  const covered = coverage.flatMap(({ namespace, feeds }) => (feeds.length === 0 ? [] : (namespace ?? [])));
  const ofLibraries = covered.filter((namespace) => isLibrary({ type: typeOfNamespace(namespace) }));
  return [...(distribution === null ? [] : [distribution.namespace]), ...ofLibraries];
}

/** Returns the package names that feeds list as affected in the release of an image or in its languages. */
function namesHere(report: Report, records: readonly VulnerabilityRecord[]): readonly string[] {
  const namespaces = new Set(namespacesOf(report));
  const here = records.flatMap(({ affected }) => affected.filter(({ namespace }) => namespaces.has(namespace)));
  return [...new Set(here.map(({ package: name }) => name))].toSorted();
}

/** Returns the packages that no feed covers, such as third-party packages, and whose names the advisories list. */
function foreignPackages({ report, records, installed }: ExplanationQuestion): readonly string[] {
  const names = new Set(namesHere(report, records));
  return installed
    .filter(
      ({ namespace, feature: of }) =>
        namespace === '' &&
        ecosystemOf(of)
          .lines(of)
          .some(({ name }) => names.has(name)),
    )
    .map(({ feature: of }) => `${of.name} ${of.version}`);
}

type Words = (question: ExplanationQuestion, packages: readonly ExplainedPackage[]) => string;

const WORDS: Readonly<Record<Verdict, Words>> = {
  affected: (_, packages) =>
    packages.every(isFile)
      ? `${listed(packages.filter(({ verdict }) => verdict === 'affected').map(stateText))}.`
      : `${countOf(packages, 'affected')} in an affected version range.`,
  suppressed: (_, packages) =>
    packages.every(isFile)
      ? `${listed(packages.filter(({ verdict }) => verdict === 'suppressed').map(stateText))}, but an ignore rule or VEX statement suppresses the finding.`
      : `${countOf(packages, 'suppressed')} affected, but suppressed by an ignore rule or VEX statement.`,
  undecided: (_, packages) => {
    if (packages.every(isFile)) {
      const names = packages.map((each) => fileWords(each.package));
      return `Whether the image contains ${listed(names)} could not be determined. The image may still be affected.`;
    }
    return packages.some(({ rules }) => rules.some(({ outcome }) => outcome === 'undecided'))
      ? 'It is unknown whether an installed version is affected; the rules state why. The image may still be affected.'
      : 'The installed version cannot be compared with the affected version ranges. The image may still be affected.';
  },
  'not-affected': ({ report, records }, packages) => {
    if (packages.length === 0) return unmatchedFilesText(filesOf(records));
    const rules = packages.flatMap((each) => each.rules);
    const [first] = rules;
    if (first !== undefined && rules.every(({ outcome }) => outcome === 'owned' || outcome === 'vendored'))
      return `Not matched: ${first.why}.`;
    return rules.every(({ outcome }) => outcome === 'fixed' || outcome === 'not-yet-introduced')
      ? `The installed versions are outside all affected version ranges for ${namespaceOf(report)}.`
      : `No advisory for ${namespaceOf(report)} applies to the installed packages.`;
  },
  'not-installed': ({ report, records, changes }) => {
    const names = namesHere(report, records);
    const gone = removalText(names, changes);
    return `Feeds list ${listed(names)} for ${namespaceOf(report)}, but none of these packages is installed.${gone}`;
  },
  'not-listed': ({ report, records }) => {
    const covering = report.feeds.filter(({ isUsed }) => isUsed).map(({ name }) => name);
    const others = [
      ...new Set(records.flatMap(({ affected }) => affected.map(({ namespace }) => namespace))),
    ].toSorted();
    const where =
      others.length === 0
        ? 'No other feed lists an affected package.'
        : `Feeds list affected packages only for ${listed(others)}.`;
    return `No feed for ${namespaceOf(report)} (${listed(covering)}) lists an affected package. ${where}`;
  },
  'no-data': (question) => {
    const { report } = question;
    if (report.distribution === null) {
      return 'The operating system of the image is unknown, so its system packages were not checked. The image may still be affected.';
    }
    const foreign = foreignPackages(question);
    if (foreign.length > 0) {
      return `No feed covers packages that ${report.distribution.id} did not build: ${listed(foreign)}. The image may still be affected.`;
    }
    const stored = new Set(report.feeds.filter(({ updatedAt }) => updatedAt !== null).map(({ name }) => name));
    const absent = feedsToDownload(report.distribution.namespace, stored);
    return absent.length > 0
      ? `No data for ${namespaceOf(report)} yet: ${downloadHint(absent)}. The image may still be affected.`
      : `No feed covers ${namespaceOf(report)}; docs/reference/coverage.md lists the releases with a feed. The image may still be affected.`;
  },
  unknown: ({ report, cves }) => {
    const read = report.feeds
      .filter(({ name }) => !ENRICHED_BY.has(name))
      .map(({ name, updatedAt }) => `${name} (${updatedAt === null ? 'never updated' : `updated ${updatedAt}`})`);
    return cves.some(isEnriched)
      ? `No stored feed has an advisory about this CVE; checked feeds: ${listed(read)}. The enrichment feeds list the CVE, so the distributions may not have evaluated the vulnerability yet.`
      : `No stored feed lists this identifier; checked feeds: ${listed(read)}. The vulnerability may be new, or the identifier may be wrong.`;
  },
};

const ENRICHED_BY: ReadonlySet<string> = new Set(Object.values(ENRICHMENT_FEEDS));

/** Returns whether an enrichment feed lists a CVE. */
function isEnriched({ cvss, epss, kev, description }: ExplainedCve): boolean {
  return cvss !== undefined || epss !== undefined || kev !== undefined || description !== null;
}

function isFile({ type }: ExplainedPackage): boolean {
  return type === FILES;
}

function stateText({ package: name, version }: ExplainedPackage): string {
  return `${fileWords(name)} is ${version}`;
}

function isAboutFiles(records: readonly VulnerabilityRecord[]): boolean {
  const affected = records.flatMap((record) => record.affected);
  return affected.length > 0 && affected.length === filesOf(records).length;
}

function filesOf(records: readonly VulnerabilityRecord[]): readonly AffectedPackage[] {
  return records.flatMap(({ affected }) => affected.filter(({ namespace }) => namespace === FILES));
}

/**
 * Describes the files that do not have the state that an advisory requires. The database stores only files that have
 * this state, so the paths come from the advisory.
 */
function unmatchedFilesText(files: readonly AffectedPackage[]): string {
  const named = (isPresent: boolean): readonly string[] =>
    files.filter(({ introduced }) => (introduced === 'present') === isPresent).map((each) => fileWords(each.package));
  const [present, absent] = [named(true), named(false)];
  return [
    ...(present.length === 0 ? [] : [`The image does not contain ${listed(present)}.`]),
    ...(absent.length === 0 ? [] : [`The image contains ${listed(absent)}.`]),
  ].join(' ');
}

function countOf(packages: readonly ExplainedPackage[], verdict: Verdict): string {
  const count = packages.filter((each) => each.verdict === verdict).length;
  return count === 1 ? '1 installed package is' : `${count} installed packages are`;
}

function namespaceOf(report: Report): string {
  return namespacesOf(report).join(', ') || 'the release';
}

/** Lists the layers that removed a package that an advisory names, topmost layer first. */
function removalText(names: readonly string[], changes: ExplanationQuestion['changes']): string {
  const removed = changes.flatMap((of, layer) =>
    of
      .filter(
        ({ change, feature: each }) =>
          change === -1 &&
          ecosystemOf(each)
            .lines(each)
            .some(({ name }) => names.includes(name)),
      )
      .map(({ feature: each }) => `${each.name} ${each.version} by layer ${layer}`),
  );
  return removed.length === 0 ? '' : ` Removed: ${listed(removed.toReversed())}.`;
}

/** The maximum number of list items that a sentence names. */
const MAX_NAMED = 8;

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
