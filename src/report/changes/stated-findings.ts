import type { Match } from '../../model/report/match.ts';
import { archOf, type Feature, featureIdentity } from '../../model/feature.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { NO_REACHABILITY } from '../../model/report/finding-reachability.ts';
import type { Report } from '../../model/report/report.ts';
import type { SbomStatement } from '../../model/report/sbom-statement.ts';
import { severityRank } from '../../model/severity.ts';
import { judgeFindings } from '../../suppression/suppressed-findings.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import { pairsOf } from '../difference/pairs.ts';
import { embeddedRules } from '../statements/embedded-statements.ts';
import { createFindings } from '../image/report-finding.ts';
import { mergedMatches } from '../merging/merged-matches.ts';
import type { MatchesToMerge } from '../merging/stored-matches.ts';
import type { StatedFinding, StatedFindings } from './image-changes.ts';

/** The packages of an image, each with a number. A package has the same number in both images. */
export type PackagePlaces = ReadonlyMap<string, number>;

/**
 * Numbers the packages of two images. Two packages are the same if their name, architecture and type are equal. If an
 * image has several versions of a package, equal versions are paired first, and then the other versions in order.
 */
export function packagePlaces(
  before: readonly Feature[],
  after: readonly Feature[],
): { readonly before: PackagePlaces; readonly after: PackagePlaces } {
  const { both, added, removed } = pairsOf(
    before,
    after,
    (of) => JSON.stringify([of.type, of.name, archOf(of)]),
    featureIdentity,
  );
  const places = { before: new Map<string, number>(), after: new Map<string, number>() };
  const alone = [
    ...removed.map((of): PlacedPair => [of, undefined]),
    ...added.map((of): PlacedPair => [undefined, of]),
  ];
  for (const [place, [one, other]] of [...both, ...alone].entries()) {
    if (one !== undefined) places.before.set(featureIdentity(one), place);
    if (other !== undefined) places.after.set(featureIdentity(other), place);
  }
  return before === after ? { before: places.after, after: places.after } : places;
}

type PlacedPair = readonly [Feature | undefined, Feature | undefined];

/**
 * Returns the distinct findings of matches. If several ranges of an advisory contain the version of a package, the
 * worst rating applies.
 */
export function statedFindings(matches: readonly Match[], places: PackagePlaces): StatedFindings {
  const found = new Map<string, StatedFinding>();
  for (const { vulnerability, feature: of, severity, status, fixed } of matches) {
    const { feed, name } = vulnerability;
    const key = JSON.stringify([places.get(featureIdentity(of)), feed, name]);
    const rating = { version: of.version, severity, status, fixedIn: fixed };
    const finding = { feed, vulnerability: name, type: of.type, package: of.name, rating };
    const known = found.get(key);
    if (known === undefined || isWorse(finding, known)) found.set(key, finding);
  }
  return found;
}

/** Compares findings by a total order, so that the order of the input does not matter. */
function isWorse({ rating: one }: StatedFinding, { rating: other }: StatedFinding): boolean {
  const difference = severityRank(one.severity) - severityRank(other.severity);
  if (difference !== 0) return difference > 0;
  return JSON.stringify([one.status, one.fixedIn]) < JSON.stringify([other.status, other.fixedIn]);
}

/** The parts of an image, in addition to its findings, that suppression rules can match. */
export type RuledImage = Pick<Report, 'target' | 'distribution' | 'layers'> & {
  /** The VEX statements of an SBOM. */
  readonly statements: readonly SbomStatement[];
};

/**
 * Returns the matches without the matches of suppressed findings. The function merges matches as in a report, so that a
 * rule suppresses the same findings as in a report.
 *
 * @param today the current day in UTC, in the form `YYYY-MM-DD`
 */
export function unsuppressedMatches(
  { matches, ...options }: MatchesToMerge,
  image: RuledImage,
  rules: readonly RuleSet[],
  today: string,
): readonly Match[] {
  const { distribution, statements } = image;
  if (statements.length === 0 && rules.every((set) => set.rules.length === 0)) return matches;
  const findingOf = createFindings(
    new Map(),
    (of) => ecosystemOf(of).purl(of, distribution),
    () => [],
    () => NO_REACHABILITY,
  );
  const found = mergedMatches(matches, options).map((match) => ({ match, finding: findingOf(match) }));
  const findings = found.map(({ finding }) => finding);
  const embedded = embeddedRules(statements, findings, distribution);
  const judged = judgeFindings({ ...image, findings }, [...rules, embedded], today);
  const left = new Set(judged.findings);
  return found.filter(({ finding }) => left.has(finding)).flatMap(({ match }) => match.members ?? [match]);
}
