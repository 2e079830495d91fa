/**
 * A client that behaves like Harbor: its client (`src/pkg/scan/rest/v1/client.go`), its checks at the registration of a
 * scanner, and its rules for storing a report. Every response that Harbor would refuse or store wrongly is an error.
 */
import {
  array,
  check,
  json,
  number,
  object,
  optional,
  record,
  storable,
  string,
  time,
  type Value,
} from './contract-checks.ts';

export type HarborRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HarborResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The time until the end of the body, in milliseconds. */
  readonly milliseconds: number;
};

/** Sends a request to the registered URL, without redirects. */
export type SendHarborRequest = (request: HarborRequest) => Promise<HarborResponse>;

export const GENERIC = 'application/vnd.security.vulnerability.report; version=1.1';
export const NATIVE = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
export const SBOM = 'application/vnd.security.sbom.report+json; version=1.0';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Harbor's time limit for a request, including its body. */
const MAX_MS = 5000;

/** Enough polls for a test; Harbor polls forever. */
const MAX_POLLS = 100;

const SEVERITIES = new Set(['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical']);
const STATUSES = new Set(['affected', 'fixed', 'will_not_fix', 'fix_deferred', 'under_investigation', 'end_of_life']);

export type Artifact = { readonly repository: string; readonly digest: string; readonly tag: string };

export type Registry = { readonly url: string; readonly authorization: string };

/** Sends the requests that Harbor sends when an administrator registers a scanner. */
export async function register(send: SendHarborRequest): Promise<void> {
  const response = await send({
    method: 'GET',
    path: '/api/v1/metadata',
    headers: { accept: 'application/vnd.scanner.adapter.metadata+json; version=1.0' },
  });
  checkTime(response);
  check(response.status === 200, `metadata: status ${response.status}`);
  check(isType(response, 'application/vnd.scanner.adapter.metadata+json; version=1.0'), 'metadata: content type');
  const metadata = object(json(response.body), 'metadata');
  const scanner = object(metadata['scanner'], 'scanner');
  for (const name of ['name', 'vendor', 'version'])
    check(string(scanner[name], name) !== '', `scanner.${name} is empty`);
  check(scanner['name'] !== 'Trivy', 'the name Trivy is reserved');
  const capabilities = array(metadata['capabilities'], 'capabilities').map((each) => object(each, 'capability'));
  check(capabilities.length > 0, 'no capability');
  const types = capabilities.map(({ type }) => optional(type, string, 'type'));
  if (types.some((type) => type !== undefined)) check(types.includes('vulnerability'), 'no vulnerability capability');
  for (const capability of capabilities) {
    const consumed = array(capability['consumes_mime_types'], 'consumes_mime_types');
    check(consumed.includes(MANIFEST), 'a capability does not consume Docker manifests');
    const produced = array(capability['produces_mime_types'], 'produces_mime_types').map((each) =>
      string(each, 'type'),
    );
    const known = capability['type'] === 'sbom' ? [SBOM] : [GENERIC, NATIVE];
    check(produced.length > 0 && produced.every((each) => known.includes(each)), 'an unknown media type');
  }
  const properties = record(metadata['properties'], string, 'properties');
  const registryAuthorization = properties['harbor.scanner-adapter/registry-authorization-type'] ?? 'Basic';
  check(['Basic', 'Bearer'].includes(registryAuthorization), 'registry-authorization-type');
  time(properties['harbor.scanner-adapter/vulnerability-database-updated-at'], 'vulnerability-database-updated-at');
}

/**
 * Scans as a Harbor job does: sends a POST, then polls until the report is complete.
 *
 * @returns the report as Harbor stores it
 */
export async function scan(
  send: SendHarborRequest,
  { artifact, registry, kind }: { artifact: Artifact; registry: Registry; kind: 'vulnerability' | 'sbom' },
): Promise<Readonly<Record<string, Value>>> {
  const accept = kind === 'sbom' ? SBOM : GENERIC;
  const started = await send({
    method: 'POST',
    path: '/api/v1/scan',
    headers: {
      'content-type': 'application/vnd.scanner.adapter.scan.request+json; version=1.0',
      accept: 'application/vnd.scanner.adapter.scan.response+json; version=1.0',
    },
    body: JSON.stringify({
      registry: { ...registry, insecure: false },
      artifact: { ...artifact, namespace_id: 1, mime_type: MANIFEST, size: 1 },
      enabled_capabilities: [
        {
          type: kind,
          produces_mime_types: [accept],
          parameters: kind === 'sbom' ? { sbom_media_types: ['application/spdx+json'] } : null,
        },
      ],
    }),
  });
  checkTime(started);
  if (started.status !== 202) throw new Error(`scan: status ${started.status}: ${messageIn(started.body)}`);
  const id = string(object(json(started.body), 'scan')['id'], 'id');
  check(id !== '' && encodeURIComponent(id) === id, 'the ID is not a path segment');
  const query = kind === 'sbom' ? '?sbom_media_type=application%2Fspdx%2Bjson' : '';
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const response = await send({
      method: 'GET',
      path: `/api/v1/scan/${id}/report${query}`,
      headers: { accept, 'accept-encoding': 'gzip' },
    });
    checkTime(response);
    if (response.status === 302) {
      const pause = response.headers['refresh-after'] ?? '';
      check(/^\d+$/.test(pause) && Number(pause) >= 1 && Number(pause) <= 127, `Refresh-After: ${pause}`);
      continue;
    }
    if (response.status !== 200) throw new Error(`report: status ${response.status}: ${messageIn(response.body)}`);
    check(isType(response, accept), `content type ${response.headers['content-type']}`);
    check(
      response.body.length < 2048 || response.headers['content-encoding'] === 'gzip',
      'the report is not compressed',
    );
    const report = object(json(response.body), 'report');
    checkHead(report, artifact);
    if (kind === 'sbom') checkSbom(report);
    else checkVulnerabilities(report);
    return report;
  }
  throw new Error(`the scan did not end in ${MAX_POLLS} polls`);
}

/** Compares media types with their version; quotes and further parameters do not matter (RFC 9110 section 8.3.1). */
function isType({ headers }: HarborResponse, expected: string): boolean {
  const [type, version] = (headers['content-type'] ?? '').replaceAll(/[\s"]/g, '').split(';');
  return `${type}; ${version}` === expected;
}

function checkTime({ milliseconds }: HarborResponse): void {
  check(milliseconds < MAX_MS, `the response took ${milliseconds} ms`);
}

/** Harbor shows this message; for a body without a message, Harbor shows the error of its JSON parser. */
function messageIn(body: string): string {
  const message = string(object(object(json(body), 'error body')['error'], 'error')['message'], 'message');
  check(message !== '', 'an empty message');
  return message;
}

function checkHead(report: Readonly<Record<string, Value>>, { digest, repository }: Artifact): void {
  time(report['generated_at'], 'generated_at');
  const artifact = object(report['artifact'], 'artifact');
  check(artifact['digest'] === digest && artifact['repository'] === repository, 'another artifact');
  const scanner = object(report['scanner'], 'scanner');
  for (const name of ['name', 'vendor', 'version'])
    check(string(scanner[name], name) !== '', `scanner.${name} is empty`);
}

function checkVulnerabilities(report: Readonly<Record<string, Value>>): void {
  check(SEVERITIES.has(string(report['severity'], 'severity')), 'severity of the report');
  const items = array(report['vulnerabilities'], 'vulnerabilities').map((each) => object(each, 'vulnerability'));
  const keys = new Set<string>();
  for (const item of items) {
    const [id, name, version] = ['id', 'package', 'version'].map((field) =>
      storable(string(item[field], field), field),
    );
    check(/^(?:CVE-\d{4}-\d{4,}|GHSA-|OSV-|TEMP-)/.test(id ?? ''), `${id} is not a vulnerability that allowlists know`);
    check(name !== '' && version !== '', 'an item without package or version');
    const key = `${id}-${name}-${version}`;
    check(!keys.has(key), `${key} is there twice`);
    keys.add(key);
    storable(string(item['fix_version'], 'fix_version'), 'fix_version');
    const [severity, status] = [string(item['severity'], 'severity'), string(item['status'], 'status')];
    check(SEVERITIES.has(severity), `severity ${severity}`);
    check(STATUSES.has(status), `status ${status}`);
    storable(string(item['description'], 'description'), 'description');
    const links = array(item['links'], 'links').map((each) => string(each, 'link'));
    check(links.length > 0 && links.every((each) => each !== '' && !each.includes('|')), 'links');
    array(item['cwe_ids'], 'cwe_ids').forEach((each) => string(each, 'cwe_id'));
    checkScores(item);
  }
}

/** Harbor sorts and searches by `preferred_cvss.score_v3`, and shows `vendor_attributes.CVSS`. */
function checkScores(item: Readonly<Record<string, Value>>): void {
  const attributes = object(item['vendor_attributes'], 'vendor_attributes');
  const vendors = optional(attributes['CVSS'], (each, name) => record(each, object, name), 'CVSS') ?? {};
  const best = Object.values(vendors).flatMap(({ V3Score }) =>
    V3Score === undefined ? [] : [number(V3Score, 'V3Score')],
  );
  const preferred = optional(item['preferred_cvss'], object, 'preferred_cvss') ?? {};
  const score = optional(preferred['score_v3'], number, 'score_v3');
  optional(preferred['vector_v3'], string, 'vector_v3');
  optional(preferred['score_v2'], number, 'score_v2');
  check(score === undefined ? best.length === 0 : best.includes(score), 'score_v3 is missing, or is of no vendor');
}

/** Harbor's web UI reads an SBOM only as SPDX 2.x, and stores integers as 64-bit floats. */
function checkSbom(report: Readonly<Record<string, Value>>): void {
  check(report['media_type'] === 'application/spdx+json', 'media_type');
  const sbom = object(report['sbom'], 'sbom');
  check(string(sbom['SPDXID'], 'SPDXID') !== '', 'SPDXID');
  check(string(sbom['spdxVersion'], 'spdxVersion').startsWith('SPDX-2.'), 'spdxVersion');
  string(sbom['documentNamespace'], 'documentNamespace');
  time(object(sbom['creationInfo'], 'creationInfo')['created'], 'created');
  for (const each of array(sbom['packages'], 'packages')) string(object(each, 'package')['name'], 'name');
  JSON.stringify(sbom, (name, value: unknown) => {
    check(typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value), `${name} is too large`);
    return value;
  });
}
