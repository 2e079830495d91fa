import { type CvssVersion, parseCvss } from '../../../model/cvss/cvss.ts';
import { type CvssScore, type CveText, type Enrichment, isCveId, isCweId } from '../../../model/enrichment.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { type JsonObject, objectOf } from '../../../model/json-values.ts';
import { isDay } from '../../../model/time/day.ts';
import { jsonMembers } from '../../../bytes/documents/json-members.ts';
import { addRecordDiagnostic, skipped } from '../../advisories/record-diagnostics.ts';

/** The maximum size of a CVE entry; the largest entries, with all configurations, are about 3 MB. */
const MAX_CVE_BYTES = 32 * 1024 * 1024;

/**
 * Yields the CVSS scores, the weaknesses and the text of each CVE, and holds one CVE in memory. A CVE without scores
 * loses its stored scores and weaknesses, because weaknesses are stored with scores. A rejected CVE has no text.
 * Supports the formats of API 2.0 (https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema) and 1.1
 * (https://csrc.nist.gov/schema/nvd/feed/1.1/nvd_cve_feed_json_1.1.schema).
 *
 * @throws ClairError the errors of `jsonMembers`.
 */
export async function* parseNvd(
  { stream, where }: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Enrichment<'cvss'>> {
  const options = { where, itemsOf: ['vulnerabilities', 'CVE_Items'], maxMemberBytes: MAX_CVE_BYTES };
  for await (const { key, value } of jsonMembers(stream, options)) {
    if (key !== 'vulnerabilities' && key !== 'CVE_Items') continue;
    const item = objectOf(value);
    const reading = key === 'vulnerabilities' ? readCve2(item) : readCve1(item);
    if (typeof reading.cve !== 'string' || !isCveId(reading.cve)) {
      addRecordDiagnostic(recordDiagnostics, skipped(`${shown(reading.cve)} skipped: not a CVE ID`));
      continue;
    }
    yield enrichmentOf(reading.cve, reading, recordDiagnostics);
  }
}

/** A CVE with its unvalidated metrics and weaknesses. */
type CveReading = {
  readonly cve: unknown;
  readonly text: CveText;
  readonly metrics: readonly Metric[];
  readonly weaknesses: readonly Weakness[];
};

/** A weakness, or one of the NVD's placeholders for no weakness, such as `NVD-CWE-noinfo`. */
type Weakness = { readonly source: unknown; readonly name: unknown };

type Metric = {
  /** The field name in the feed. */
  readonly name: string;
  readonly source: unknown;
  readonly type: unknown;
  /** An object with `vectorString` and `baseScore`. */
  readonly cvss: unknown;
};

function readCve2(item: JsonObject): CveReading {
  const cve = objectOf(item['cve']);
  const groups = Object.entries(objectOf(cve['metrics'])).filter(([name]) => name.startsWith('cvss'));
  const metrics = groups.flatMap(([name, list]) =>
    (Array.isArray(list) ? list : [list]).map((metric: unknown) => {
      const { source, type, cvssData: cvss } = objectOf(metric);
      return { name, source, type, cvss };
    }),
  );
  const weaknesses = listOf(cve['weaknesses']).flatMap((each) => {
    const { source, description } = objectOf(each);
    return namesIn(description).map((name) => ({ source, name }));
  });
  const text = cve['vulnStatus'] === 'Rejected' ? {} : textOf(cve['descriptions'], cve['published']);
  return { cve: cve['id'], text, metrics, weaknesses };
}

function readCve1(item: JsonObject): CveReading {
  const { CVE_data_meta: named, problemtype, description } = objectOf(item['cve']);
  const { ID: cve } = objectOf(named);
  const impact = objectOf(item['impact']);
  const metrics = [
    { name: 'baseMetricV3', cvss: objectOf(impact['baseMetricV3'])['cvssV3'] },
    { name: 'baseMetricV2', cvss: objectOf(impact['baseMetricV2'])['cvssV2'] },
  ];
  const present = metrics.filter(({ name }) => impact[name] !== undefined);
  const weaknesses = listOf(objectOf(problemtype)['problemtype_data']).flatMap((each) =>
    namesIn(objectOf(each)['description']).map((name) => ({ source: NVD, name })),
  );
  const text = textOf(objectOf(description)['description_data'], item['publishedDate']);
  return { cve, text, metrics: present.map((metric) => ({ ...metric, source: NVD, type: 'Primary' })), weaknesses };
}

/** The maximum length of a stored description, in UTF-16 code units; only a few descriptions are longer. */
const MAX_DESCRIPTION = 2000;

/** The start of the description of a rejected CVE in format 1.1, which has no status. */
const REJECTED = /^\*\* REJECT|^Rejected reason:/;

/**
 * Returns the English description and, if valid, the day of publication. Returns neither for
 * a CVE that was rejected or has no description.
 */
function textOf(descriptions: unknown, published: unknown): CveText {
  const english = listOf(descriptions)
    .map(objectOf)
    .find(({ lang }) => lang === 'en')?.['value'];
  const description = typeof english === 'string' ? shortened(english.trim()) : '';
  if (description === '' || REJECTED.test(description)) return {};
  const day = typeof published === 'string' ? published.slice(0, 'YYYY-MM-DD'.length) : '';
  return { description, ...(isDay(day) && { published: day }) };
}

function shortened(text: string): string {
  if (text.length <= MAX_DESCRIPTION) return text;
  // A high surrogate at the end would be half a character.
  return `${text.slice(0, MAX_DESCRIPTION - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Returns the `value` of each text in a list, regardless of the language. */
function namesIn(description: unknown): readonly unknown[] {
  return listOf(description).map((text) => objectOf(text)['value']);
}

/** The source name of the NVD's own scores. */
const NVD = 'nvd@nist.gov';

function enrichmentOf(
  cve: string,
  { metrics, weaknesses, text }: CveReading,
  recordDiagnostics: RecordDiagnostics,
): Enrichment<'cvss'> {
  const scores: CvssScore[] = [];
  for (const metric of metrics) {
    const score = readMetric(metric);
    if (typeof score === 'string') {
      addRecordDiagnostic(recordDiagnostics, skipped(`${cve} ${metric.name} skipped: ${score}`));
    } else scores.push(score);
  }
  const rated = scores.length === 0 ? [] : withWeaknesses(scores.toSorted(compareScores), weaknesses);
  if (text.description !== undefined) return { cve, value: { scores: rated, ...text } };
  return rated.length === 0 ? { cve } : { cve, value: rated };
}

function withWeaknesses(scores: readonly CvssScore[], weaknesses: readonly Weakness[]): readonly CvssScore[] {
  const named = new Map<string, Set<string>>();
  for (const { source: author, name } of weaknesses) {
    if (typeof author !== 'string' || typeof name !== 'string' || !isCweId(name)) continue;
    const source = sourceOf(author);
    const hasScore = scores.some((score) => score.source === source);
    const key = hasScore ? source : (scores[0]?.source ?? '');
    named.set(key, (named.get(key) ?? new Set()).add(name));
  }
  return scores.map((score, index) => {
    const isFirstOfSource = scores.findIndex(({ source }) => source === score.source) === index;
    const cwes = isFirstOfSource ? named.get(score.source) : undefined;
    return cwes === undefined ? score : { ...score, cwes: [...cwes].slice(0, MAX_CWES) };
  });
}

/** The maximum number of weaknesses per author; real CVEs have at most a dozen. */
const MAX_CWES = 50;

/** Returns the score, or the reason why it is malformed. */
function readMetric({ source, type, cvss }: Metric): CvssScore | string {
  const { vectorString, baseScore } = objectOf(cvss);
  const parsed = typeof vectorString === 'string' ? parseCvss(vectorString) : undefined;
  if (parsed === undefined) return `invalid vector ${shown(vectorString)}`;
  if (typeof baseScore !== 'number' || !(baseScore >= 0 && baseScore <= 10)) {
    return `invalid score ${shown(baseScore)}`;
  }
  if (typeof source !== 'string' || source === '') return `invalid source ${shown(source)}`;
  if (type !== 'Primary' && type !== 'Secondary') return `unknown type ${shown(type)}`;
  return {
    version: parsed.version,
    vector: parsed.vector,
    score: baseScore,
    source: sourceOf(source),
    type: type === 'Primary' ? 'primary' : 'secondary',
    accessVector: ACCESS_VECTORS[parsed.metrics.get('AV') ?? ''] ?? 'network',
    complexity: COMPLEXITIES[parsed.metrics.get('AC') ?? ''] ?? 'low',
  };
}

function sourceOf(author: string): string {
  return author === NVD ? 'nvd' : author;
}

/**
 * Compares scores: a newer version comes first; for the same version, a primary score comes before a secondary score.
 */
function compareScores(a: CvssScore, b: CvssScore): number {
  return (
    VERSIONS.indexOf(a.version) - VERSIONS.indexOf(b.version) ||
    Number(a.type === 'secondary') - Number(b.type === 'secondary')
  );
}

const VERSIONS: readonly CvssVersion[] = ['4.0', '3.1', '3.0', '2.0'];

/** The values of the metrics AV and, in {@link COMPLEXITIES}, AC, which every vector has. */
const ACCESS_VECTORS: Readonly<Record<string, CvssScore['accessVector']>> = {
  N: 'network',
  A: 'adjacent',
  L: 'local',
  P: 'physical',
};
const COMPLEXITIES: Readonly<Record<string, CvssScore['complexity']>> = { L: 'low', M: 'medium', H: 'high' };

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? '(none)';
}
