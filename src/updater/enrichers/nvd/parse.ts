import { type CvssVersion, parseCvss } from '../../../model/cvss/cvss.ts';
import { type CvssScore, type Enrichment, isCveId } from '../../../model/enrichment.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { jsonMembers } from '../../../bytes/documents/json-members.ts';
import { addRecordDiagnostic, skipped } from '../../advisories/record-diagnostics.ts';

/** The largest CVE records, with all configurations, are about 3 MB. */
const MAX_CVE_BYTES = 32 * 1024 * 1024;

/**
 * Yields the CVSS scores of each CVE, holding one CVE in memory; a CVE without scores, for example a rejected CVE,
 * loses stored scores. Supports API 2.0 (https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema) and 1.1
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
    const item = fieldsOf(value);
    const reading = key === 'vulnerabilities' ? readCve2(item) : readCve1(item);
    if (typeof reading.cve !== 'string' || !isCveId(reading.cve)) {
      addRecordDiagnostic(recordDiagnostics, skipped(`${shown(reading.cve)} skipped: not a CVE`));
      continue;
    }
    yield enrichmentOf(reading.cve, reading.metrics, recordDiagnostics);
  }
}

/** A CVE with its unvalidated metrics. */
type CveReading = { readonly cve: unknown; readonly metrics: readonly Metric[] };

type Metric = {
  /** The field name in the feed. */
  readonly name: string;
  readonly source: unknown;
  readonly type: unknown;
  /** An object with `vectorString` and `baseScore`. */
  readonly cvss: unknown;
};

function readCve2(item: Fields): CveReading {
  const cve = fieldsOf(item['cve']);
  const groups = Object.entries(fieldsOf(cve['metrics'])).filter(([name]) => name.startsWith('cvss'));
  const metrics = groups.flatMap(([name, list]) =>
    (Array.isArray(list) ? list : [list]).map((metric: unknown) => {
      const { source, type, cvssData: cvss } = fieldsOf(metric);
      return { name, source, type, cvss };
    }),
  );
  return { cve: cve['id'], metrics };
}

function readCve1(item: Fields): CveReading {
  const { ID: cve } = fieldsOf(fieldsOf(item['cve'])['CVE_data_meta']);
  const impact = fieldsOf(item['impact']);
  const metrics = [
    { name: 'baseMetricV3', cvss: fieldsOf(impact['baseMetricV3'])['cvssV3'] },
    { name: 'baseMetricV2', cvss: fieldsOf(impact['baseMetricV2'])['cvssV2'] },
  ];
  const present = metrics.filter(({ name }) => impact[name] !== undefined);
  return { cve, metrics: present.map((metric) => ({ ...metric, source: NVD, type: 'Primary' })) };
}

/** The source name of the NVD's own scores. */
const NVD = 'nvd@nist.gov';

function enrichmentOf(
  cve: string,
  metrics: readonly Metric[],
  recordDiagnostics: RecordDiagnostics,
): Enrichment<'cvss'> {
  const scores: CvssScore[] = [];
  for (const metric of metrics) {
    const score = readMetric(metric);
    if (typeof score === 'string') {
      addRecordDiagnostic(recordDiagnostics, skipped(`${cve} ${metric.name} skipped: ${score}`));
    } else scores.push(score);
  }
  return scores.length === 0 ? { cve } : { cve, value: scores.toSorted(compareScores) };
}

/** Returns the score, or the reason why it is malformed. */
function readMetric({ source, type, cvss }: Metric): CvssScore | string {
  const { vectorString, baseScore } = fieldsOf(cvss);
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
    source: source === NVD ? 'nvd' : source,
    type: type === 'Primary' ? 'primary' : 'secondary',
    accessVector: ACCESS_VECTORS[parsed.metrics.get('AV') ?? ''] ?? 'network',
    complexity: COMPLEXITIES[parsed.metrics.get('AC') ?? ''] ?? 'low',
  };
}

/** Compares scores: newest version first, then primary before secondary. */
function compareScores(a: CvssScore, b: CvssScore): number {
  return (
    VERSIONS.indexOf(a.version) - VERSIONS.indexOf(b.version) ||
    Number(a.type === 'secondary') - Number(b.type === 'secondary')
  );
}

const VERSIONS: readonly CvssVersion[] = ['4.0', '3.1', '3.0', '2.0'];

/** The values of the AV and AC metrics, which every vector has. */
const ACCESS_VECTORS: Readonly<Record<string, CvssScore['accessVector']>> = {
  N: 'network',
  A: 'adjacent',
  L: 'local',
  P: 'physical',
};
const COMPLEXITIES: Readonly<Record<string, CvssScore['complexity']>> = { L: 'low', M: 'medium', H: 'high' };

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? '(none)';
}
