import { isExploited } from '../../model/report/exploited-finding.ts';
import { parseCvss } from '../../model/cvss/cvss.ts';
import { referenceParts } from '../../model/image-reference.ts';
import { printable } from '../../model/printable.ts';
import { isCodeAbsent } from '../../model/report/finding-reachability.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { type Severity, severityText, widelyKnownSeverity } from '../../model/severity.ts';
import type { Look } from '../format.ts';
import { affectedWords, layerWords, reachabilityWords, remedyOf, suppressionWords } from '../writing/finding-words.ts';
import { uuidOf } from '../writing/identity.ts';
import { repositoryOf } from '../writing/image-name.ts';
import { isFolded } from '../writing/kernel-headers.ts';
import { candidateWords, ownersOf, ownerWords } from '../writing/library-words.ts';
import { shortened } from '../writing/shortened.ts';
import { webAddress } from '../writing/web-address.ts';
import { identifiersOf } from './identifiers.ts';
import { gitlabMarkdown } from './markdown.ts';
import { isLeftOut } from './suppressed.ts';

/** Returns the findings of all reports one at a time, because a report can have hundreds of thousands of findings. */
export function gitlabVulnerabilities(reports: readonly Report[], look?: Look): Iterable<object> {
  return { [Symbol.iterator]: () => vulnerabilities(reports, look) };
}

function* vulnerabilities(reports: readonly Report[], look?: Look): Generator<object> {
  for (const report of reports) {
    const context = { report, look, ownerOf: ownersOf(report) };
    for (const each of report.findings) {
      yield vulnerability(each, context, isCodeAbsent(each) ? reachabilityWords(each) : undefined);
    }
    for (const each of report.suppressed) {
      if (!isLeftOut(each)) yield vulnerability(each, context, suppressionWords(each.suppression));
    }
  }
}

/** The limits of the schema, in characters. A longer text makes the report invalid. */
const MAX_NAME = 255;
const MAX_DESCRIPTION = 1_048_576;
const MAX_SOLUTION = 7000;

/** Clair's own limits, so that findings with very many paths or links remain small. */
const MAX_LINKS = 20;
const MAX_PATHS = 20;

type Context = {
  readonly report: Report;
  readonly look: Look | undefined;
  readonly ownerOf: ReturnType<typeof ownersOf>;
};

/**
 * @param falsePositive the reason why the finding does not affect the image; undefined for a finding that affects the
 * image
 */
function vulnerability(finding: ReportFinding, context: Context, falsePositive: string | undefined): object {
  const { report, look } = context;
  const links = [...new Set(finding.links.slice(0, MAX_LINKS).flatMap((link) => webAddress(link) ?? []))];
  const vectors = cvssVectors(finding);
  return {
    id: idOf(report, finding),
    name: shortened(printable(finding.id), MAX_NAME),
    description: shortened(
      gitlabMarkdown(finding.description) || gitlabMarkdown(affectedWords(finding)),
      MAX_DESCRIPTION,
    ),
    severity: isFolded(finding, look) ? 'Info' : SEVERITY_WORDS[widelyKnownSeverity(finding.severity)],
    solution: shortened(gitlabMarkdown(remedyOf(finding)), MAX_SOLUTION),
    identifiers: identifiersOf(finding),
    ...(links.length > 0 && { links: links.map((url) => ({ url })) }),
    ...(vectors.length > 0 && { cvss_vectors: vectors }),
    location: {
      dependency: { package: { name: printable(finding.package) }, version: printable(finding.version) },
      operating_system: operatingSystemOf(report),
      image: imageOf(report.target),
      ...(look?.defaultBranchImage !== undefined && {
        default_branch_image: shortened(printable(look.defaultBranchImage), MAX_NAME),
      }),
    },
    ...(falsePositive !== undefined && {
      flags: [
        { type: 'flagged-as-likely-false-positive', origin: 'Clair', description: printable(falsePositive) || '-' },
      ],
    }),
    details: detailsOf(finding, context),
  };
}

/**
 * The GitLab severities. GitLab policies for "low and above" must not apply to Negligible, so its severity is `Info`.
 */
const SEVERITY_WORDS: Readonly<Record<Exclude<Severity, 'Defcon1'>, string>> = {
  Unknown: 'Unknown',
  Negligible: 'Info',
  Low: 'Low',
  Medium: 'Medium',
  High: 'High',
  Critical: 'Critical',
};

/** Returns the same UUID for the same finding in every report of an image. */
function idOf({ target }: Report, { id, purl, source, paths }: ReportFinding): string {
  return uuidOf([JSON.stringify([repositoryOf(target), target.platform, id, purl, source.name, paths.slice(0, 1)])]);
}

/**
 * Returns the namespace of the distribution, because the namespace does not change with a point release. Without a
 * namespace, returns `none` for an image without a distribution and otherwise `unknown`, because the schema requires a
 * text.
 */
function operatingSystemOf({ distribution, diagnostics }: Report): string {
  const known = printable(distribution?.namespace ?? '').trim();
  if (known !== '') return known;
  return diagnostics.some(({ code }) => code === 'distribution-absent') ? 'none' : 'unknown';
}

/**
 * Returns the name of the image with its tag. For an image without a name, returns its digest or a general name. GitLab
 * tracks findings by the text before the last colon. Therefore, a name without a tag receives the default tag of
 * Docker, and a digest is omitted if the image has a tag.
 */
function imageOf({ reference, digest }: Report['target']): string {
  const { name, tag, digest: named } = referenceParts(reference);
  if (name.trim() === '') return printable(digest) || 'image:latest';
  if (tag === undefined && named !== undefined) return printable(reference);
  return printable(`${name}:${tag ?? 'latest'}`);
}

/** The maximum number of vectors; GitLab accepts 1 to 10 vectors of CVSS 2 and 3. */
const MAX_VECTORS = 10;

/** The maximum length of a vector that the schema accepts, in characters. */
const MAX_VECTOR = 128;

function cvssVectors({ cves }: ReportFinding): readonly object[] {
  const scores = cves.flatMap(({ cvss = [] }) => cvss);
  const sorted = scores.toSorted((one, other) => Number(one.type === 'secondary') - Number(other.type === 'secondary'));
  return sorted
    .filter(({ vector, version }) => {
      return version !== '4.0' && vector.length <= MAX_VECTOR && parseCvss(vector)?.vector === vector;
    })
    .slice(0, MAX_VECTORS)
    .map(({ source, vector }) => ({ vendor: printable(source) || 'unknown', vector }));
}

function detailsOf(finding: ReportFinding, { report, ownerOf }: Context): object {
  const { status, risk, purl, paths, layer, candidates } = finding;
  const owner = ownerOf(purl);
  const reachability = reachabilityWords(finding);
  const kev = isExploited(finding);
  return {
    severity: textDetail('Severity', severityText(finding)),
    status: textDetail('Status', `${status}, risk ${risk}`),
    layer: textDetail('Added by', layerWords(report, layer)),
    platform: textDetail('Platform', report.target.platform),
    package: textDetail('Package', purl),
    ...(kev && { kev: textDetail('Exploitation', 'The vulnerability is known to be exploited (KEV).') }),
    ...(finding.class !== 'package' && { class: textDetail('Class', finding.class) }),
    ...(candidates.length > 0 && { group: textDetail('Group', candidateWords(candidates)) }),
    ...(reachability !== '' && { reachability: textDetail('Reachability', reachability) }),
    ...(owner !== null && { owner: textDetail('Owner', ownerWords(owner)) }),
    ...(paths.length > 0 && {
      paths: {
        name: 'Paths',
        type: 'list',
        items: paths.slice(0, MAX_PATHS).map((path) => ({ type: 'text', value: printable(path) })),
      },
    }),
  };
}

function textDetail(name: string, text: string): object {
  return { name, type: 'text', value: printable(text) };
}
