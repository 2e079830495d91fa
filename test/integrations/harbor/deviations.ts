import type { HarborResponse } from './harbor-client.ts';

/** The response that a deviation changes. */
export type Stage = 'metadata' | 'scan' | 'poll' | 'report' | 'sbom';

export type Deviation = {
  readonly name: string;
  readonly stage: Stage;
  readonly change: (response: HarborResponse) => HarborResponse;
};

type Document = { [name: string]: unknown };

const head = (stage: Stage, name: string, parts: Partial<HarborResponse>): Deviation => ({
  name: `${stage}: ${name}`,
  stage,
  change: (response) => ({ ...response, ...parts, headers: { ...response.headers, ...parts.headers } }),
});

const body = (stage: Stage, name: string, change: (document: never) => void): Deviation => ({
  name: `${stage}: ${name}`,
  stage,
  change: (response) => {
    const document: unknown = JSON.parse(response.body);
    change(document as never);
    return { ...response, body: JSON.stringify(document) };
  },
});

type Metadata = {
  scanner: Document;
  capabilities: { type?: string; consumes_mime_types: string[]; produces_mime_types: string[] }[];
  properties: Document;
};

const UPDATED = 'harbor.scanner-adapter/vulnerability-database-updated-at';

const METADATA: readonly Deviation[] = [
  head('metadata', 'another status', { status: 201 }),
  head('metadata', 'no JSON', { body: '<html>' }),
  head('metadata', 'slower than 5 s', { milliseconds: 5001 }),
  head('metadata', 'another media type', { headers: { 'content-type': 'application/json' } }),
  body('metadata', 'no scanner', (it: { scanner?: unknown }) => delete it.scanner),
  ...['name', 'vendor', 'version'].map((field) =>
    body('metadata', `an empty ${field}`, (it: Metadata) => (it.scanner[field] = '')),
  ),
  body('metadata', 'a reserved name', (it: Metadata) => (it.scanner['name'] = 'Trivy')),
  body('metadata', 'no capability', (it: Metadata) => (it.capabilities = [])),
  body('metadata', 'no vulnerability capability', (it: Metadata) => it.capabilities.shift()),
  body('metadata', 'Docker manifests are not consumed', (it: Metadata) =>
    it.capabilities[0]!.consumes_mime_types.pop(),
  ),
  body('metadata', 'nothing produced', (it: Metadata) => (it.capabilities[0]!.produces_mime_types = [])),
  body('metadata', 'the report with +json', (it: Metadata) => {
    it.capabilities[0]!.produces_mime_types = ['application/vnd.security.vulnerability.report+json; version=1.1'];
  }),
  body('metadata', 'a number as a property', (it: Metadata) => (it.properties['clair/diagnostics'] = 1)),
  body('metadata', 'a boolean as a property', (it: Metadata) => (it.properties['clair/diagnostics'] = true)),
  body('metadata', 'another login', (it: Metadata) => {
    it.properties['harbor.scanner-adapter/registry-authorization-type'] = 'basic';
  }),
  body('metadata', 'no age of the data', (it: Metadata) => delete it.properties[UPDATED]),
  body('metadata', 'an age that is not a time', (it: Metadata) => (it.properties[UPDATED] = 'yesterday')),
];

const SCAN: readonly Deviation[] = [
  head('scan', 'status 200', { status: 200 }),
  head('scan', 'status 201', { status: 201 }),
  head('scan', 'no JSON', { body: 'ok' }),
  head('scan', 'slower than 5 s', { milliseconds: 6000 }),
  body('scan', 'no ID', (it: { id?: unknown }) => delete it.id),
  body('scan', 'an empty ID', (it: { id: unknown }) => (it.id = '')),
  body('scan', 'a number as ID', (it: { id: unknown }) => (it.id = 7)),
  body('scan', 'an ID with a slash', (it: { id: unknown }) => (it.id = 'a/b')),
];

const POLL: readonly Deviation[] = [
  head('poll', 'status 202', { status: 202 }),
  head('poll', 'status 301', { status: 301 }),
  head('poll', 'without end', { status: 302, headers: { 'refresh-after': '1' } }),
  ...['', '15s', '300', '0', '-1', '1.5'].map((pause) =>
    head('poll', `Refresh-After ${JSON.stringify(pause)}`, { status: 302, headers: { 'refresh-after': pause } }),
  ),
  head('poll', 'an error without JSON', { status: 500, body: 'internal error' }),
  head('poll', 'an error without a message', { status: 500, body: '{"error":{"message":""}}' }),
  head('poll', 'an error as a text', { status: 404, body: '{"error":"not found"}' }),
];

type ReportDocument = Document & { vulnerabilities: Document[]; artifact: Document; scanner: Document };

const item = (name: string, change: (it: Document) => void): Deviation =>
  body('report', name, ({ vulnerabilities: [first] }: ReportDocument) => change(first!));

const REPORT: readonly Deviation[] = [
  head('report', 'another media type', { headers: { 'content-type': 'application/json' } }),
  head('report', 'not compressed', { headers: { 'content-encoding': '' } }),
  body('report', 'vulnerabilities are null', (it: Document) => (it['vulnerabilities'] = null)),
  body('report', 'vulnerabilities are missing', (it: Document) => delete it['vulnerabilities']),
  body('report', 'vulnerabilities are an object', (it: Document) => (it['vulnerabilities'] = {})),
  body('report', 'no time', (it: Document) => (it['generated_at'] = 0)),
  body('report', 'no severity', (it: Document) => delete it['severity']),
  body('report', 'another artifact', (it: ReportDocument) => (it.artifact['digest'] = 'sha256:0')),
  body('report', 'no scanner version', (it: ReportDocument) => delete it.scanner['version']),
  body('report', 'an item twice', (it: ReportDocument) => it.vulnerabilities.push(it.vulnerabilities[0]!)),
  item('an erratum as ID', (it) => (it['id'] = 'RHSA-2099:1')),
  item('the severity Defcon1', (it) => (it['severity'] = 'Defcon1')),
  item('an unknown status', (it) => (it['status'] = 'open')),
  item('no package', (it) => delete it['package']),
  item('a number as version', (it) => (it['version'] = 1)),
  item('no fix version', (it) => (it['fix_version'] = null)),
  item('no link', (it) => (it['links'] = [])),
  item('a link with the separator', (it) => (it['links'] = ['https://a.test/|'])),
  item('links as a text', (it) => (it['links'] = 'https://a.test')),
  item('a NUL in the description', (it) => (it['description'] = 'a\0')),
  item('a lone surrogate in the description', (it) => (it['description'] = 'a\uD800')),
  item('a text as score', (it) => (it['preferred_cvss'] = { score_v3: '9.8' })),
  item('no preferred score', (it) => {
    delete it['preferred_cvss'];
    (it['vendor_attributes'] as Document)['CVSS'] = { nvd: { V3Score: 9.8 } };
  }),
  item('no attributes', (it) => (it['vendor_attributes'] = null)),
];

type Sbom = Document & { sbom: Document };

const SBOM: readonly Deviation[] = [
  body('sbom', 'a text', (it: Document) => (it['sbom'] = JSON.stringify(it['sbom']))),
  body('sbom', 'another media type', (it: Document) => (it['media_type'] = 'application/vnd.cyclonedx+json')),
  body('sbom', 'no SPDXID', (it: Sbom) => delete it.sbom['SPDXID']),
  body('sbom', 'SPDX 3', (it: Sbom) => (it.sbom['spdxVersion'] = 'SPDX-3.0')),
  body('sbom', 'no packages', (it: Sbom) => delete it.sbom['packages']),
  body('sbom', 'an integer that floats do not have', (it: Sbom) => (it.sbom['size'] = 2 ** 60)),
];

/** Single deviations from the contract, each of which Harbor refuses or stores wrongly. */
export const DEVIATIONS: readonly Deviation[] = [...METADATA, ...SCAN, ...POLL, ...REPORT, ...SBOM];
