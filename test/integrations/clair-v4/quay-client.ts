import type { PostedManifest } from './quay-storage.ts';
import { quayBody } from './quay-schemas.ts';
import type { Answer, Transport } from './transport.ts';

/** The data that Quay shows for a manifest. */
export type QuayScan = {
  readonly indexer: string;
  readonly features: readonly QuayFeature[];
};

export type QuayFeature = {
  readonly name: string;
  readonly version: string;
  readonly addedBy: string;
  readonly vulnerabilities: readonly QuayVulnerability[];
};

export type QuayVulnerability = {
  readonly name: string;
  readonly severity: string;
  readonly fixedBy: string;
  readonly score: number | undefined;
  readonly cves: readonly string[];
};

/** The width of the column in which Quay stores the state. */
const MAX_STATE_LENGTH = 128;

/**
 * Indexes a manifest, reads its report and deletes the manifest, as Quay's worker and its API do (clair-v4-api.md,
 * sections 2, 4 and 8).
 *
 * @throws Error where Quay fails, marks the manifest as failed or unsupported, or would show wrong data
 */
export async function quayScan(send: Transport, manifest: PostedManifest): Promise<QuayScan> {
  const state = await quayState(send);
  const indexer = await quayIndex(send, manifest);
  // A worker indexes everything again if the state differs from the stored state.
  if (indexer !== state) throw new Error(`the state ${state} differs from the stored ${indexer}`);
  const features = await quayReport(send, manifest);
  const deleted = await send('DELETE', `/indexer/api/v1/index_report/${manifest.hash}`);
  if (deleted.status !== 204) throw new Error(`deletion: ${deleted.status}`);
  return { indexer, features };
}

async function quayState(send: Transport): Promise<string> {
  const answer = await send('GET', '/indexer/api/v1/index_state');
  if (answer.status !== 200) throw new Error(`state: ${answer.status}`);
  return (quayBody('State', answer.text) as { state: string }).state;
}

type Inventory = {
  readonly manifest_hash: string;
  readonly packages: Readonly<Record<string, { readonly name: string; readonly version: string }>>;
  readonly environments: Readonly<Record<string, readonly { readonly introduced_in: string }[]>>;
};

async function quayIndex(send: Transport, manifest: PostedManifest): Promise<string> {
  const answer = await send('POST', '/indexer/api/v1/index_report', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  });
  if (answer.status === 400) throw new Error(`unsupported for good: ${asciiBody(answer)}`);
  if (answer.status < 200 || answer.status > 299) throw new Error(`failed: ${answer.status}`);
  const body = quayBody('IndexReport', answer.text) as Inventory & { state: string; err: string };
  const { etag } = answer.headers;
  if (etag === undefined) throw new Error('the response has no ETag');
  if (body.state === 'IndexError') throw new Error(`failed: ${body.err}`);
  if (body.state !== 'IndexFinished') throw new Error(`unknown_state ${body.state}`);
  const indexer = etag.replaceAll('"', '');
  if (indexer.length > MAX_STATE_LENGTH) throw new Error('the state does not fit the column');
  return indexer;
}

/** Quay decodes the body of a 400 as ASCII while it handles the error. */
function asciiBody({ text }: Answer): string {
  if (Buffer.byteLength(text) > text.length) throw new Error('UnicodeDecodeError');
  return text;
}

type Report = Inventory & {
  readonly package_vulnerabilities: Readonly<Record<string, readonly string[]>>;
  readonly vulnerabilities: Readonly<Record<string, Vulnerability>>;
  readonly enrichments?: Readonly<Record<string, readonly Readonly<Record<string, readonly CvssRecord[]>>[]>>;
};

type CvssRecord = { readonly baseScore?: unknown; readonly vectorString?: unknown };

type Vulnerability = Readonly<
  Record<'id' | 'updater' | 'name' | 'links' | 'fixed_in_version' | 'description' | 'normalized_severity', string>
> & {
  readonly distribution?: { readonly name?: unknown } | null;
  readonly repository?: { readonly name?: unknown } | null;
};

async function quayReport(send: Transport, manifest: PostedManifest): Promise<readonly QuayFeature[]> {
  const answer = await send('GET', `/matcher/api/v1/vulnerability_report/${manifest.hash}`);
  if (answer.status === 404) throw new Error('queued');
  if (answer.status !== 200) throw new Error(`could not load: ${answer.status}`);
  const report = quayBody('VulnerabilityReport', answer.text) as Report;
  const scores = cvssScores(report);
  const seen = new Set<string>();
  const layers = new Set(manifest.layers.map(({ hash }) => hash));
  return Object.entries(report.packages).map(([id, { name, version }]): QuayFeature => {
    const addedBy = need(report.environments[id]?.[0], `IndexError: environments[${id}]`).introduced_in;
    if (!layers.has(addedBy)) throw new Error(`${addedBy} is no layer of the manifest`);
    const found = (report.package_vulnerabilities[id] ?? []).map((of) =>
      need(report.vulnerabilities[of], `KeyError: ${of}`),
    );
    const fresh = found.filter((of) => {
      const key = JSON.stringify([name, version, of.name]);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
    return { name, version, addedBy, vulnerabilities: fresh.map((of) => shown(of, scores)) };
  });
}

function shown(of: Vulnerability, scores: Readonly<Record<string, readonly CvssRecord[]>>): QuayVulnerability {
  for (const part of [of.distribution, of.repository]) {
    if (part === null) throw new Error("AttributeError: 'NoneType' object has no attribute 'get'");
  }
  // For OSV, `fixed_in_version` is a URL-encoded query, from which Quay extracts `fixed`.
  const fixedBy = new URLSearchParams(of.fixed_in_version).get('fixed') ?? of.fixed_in_version;
  const score = scores[of.id]?.[0]?.baseScore;
  return {
    name: of.name,
    severity: of.normalized_severity,
    fixedBy: fixedBy === '0' ? '' : fixedBy,
    score: typeof score === 'number' ? score : undefined,
    cves: [...new Set(of.links.match(/CVE-\d{4}-\d{4,7}/g) ?? [])],
  };
}

/** Quay takes the first value of the first key as CVSS scores, and reads the objects of all keys without a check. */
function cvssScores({ enrichments }: Report): Readonly<Record<string, readonly CvssRecord[]>> {
  if (enrichments === undefined || enrichments === null) return {};
  const [first] = Object.values(enrichments);
  if (first === undefined) return {};
  const scores = need(first[0], 'IndexError: list index out of range');
  for (const lists of Object.values(enrichments)) {
    for (const records of lists.flatMap((each) => Object.values(each).flat())) {
      if (typeof records.baseScore !== 'number') throw new Error("KeyError: 'baseScore'");
      if (typeof records.vectorString !== 'string') throw new Error("KeyError: 'vectorString'");
    }
  }
  return Object.fromEntries(
    Object.entries(scores).map(([id, records]) => {
      if (records.length === 0) throw new Error('IndexError: list index out of range');
      return [id, records.toSorted((a, b) => Number(b.baseScore) - Number(a.baseScore))];
    }),
  );
}

function need<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}
