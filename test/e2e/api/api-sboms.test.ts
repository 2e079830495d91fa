import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import type { Report } from '../../../src/model/report/report.ts';
import type { ImageSummary } from '../../../src/report/image/image-summary.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { SBOM_TYPES } from '../../../src/api/v2/sbom-submission.ts';
import { cyclonedxOf, DEBIAN, withPurl } from '../../../src/worker/sboms/testing/documents.ts';

type Submission = {
  readonly id: string;
  readonly target: string;
  readonly state: string;
  readonly images: readonly string[];
  readonly error: { readonly code: string; readonly remedy: string } | null;
};
type Answer = { readonly submission: Submission; readonly error?: { readonly code: string; readonly message: string } };

const TEXT = JSON.stringify(cyclonedxOf([DEBIAN]));

let server: ClairServer;
let api: DocumentedApi;
beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
});
afterAll(() => server.close());

const send = async (
  body: string | Uint8Array<ArrayBuffer>,
  { query = '', type = 'application/json' } = {},
): Promise<readonly [number, Answer]> => {
  const headers = { 'content-type': type };
  const response = await fetch(`${server.url}/v2/sboms${query}`, { method: 'POST', headers, body });
  return [response.status, (await response.json()) as Answer];
};

async function finished({ id }: Submission): Promise<Submission> {
  const read = async (): Promise<Submission> => (await api.send<Submission>('GET', `/v2/submissions/${id}`)).body;
  await expect.poll(async () => (await read()).state, { timeout: 30_000 }).toMatch(/done|failed/);
  return await read();
}

const LIBSSL = 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&upstream=openssl';
const WITHOUT_VEX = cyclonedxOf([DEBIAN, withPurl(LIBSSL)]);
const WITH_VEX = {
  ...WITHOUT_VEX,
  vulnerabilities: [
    { id: 'CVE-2099-0001', analysis: { state: 'not_affected', detail: 'no certificates' }, affects: [{ ref: LIBSSL }] },
  ],
};

describe('VEX statements in an SBOM', () => {
  async function reportOf(document: object, query = ''): Promise<Report> {
    const [, { submission }] = await send(JSON.stringify(document), { query });
    const { images, error } = await finished(submission);
    expect(error).toBeNull();
    return (await api.send<Report>('GET', `/v2/images/${images[0]}/report`)).body;
  }
  const idsOf = ({ findings, suppressed }: Report): unknown => [
    findings.map(({ id }) => id).includes('CVE-2099-0001'),
    suppressed.map(({ id, suppression }) => [id, suppression.by, suppression.where, suppression.reason]),
  ];
  const SUPPRESSED = [['CVE-2099-0001', 'sbom', 'embedded VEX in the SBOM, vulnerability 1', 'no certificates']];

  it('suppress findings in its packages, with the origin, and in the list', async () => {
    await server.clair.updater.update('debian', { from: DEMO_FEED });
    const report = await reportOf(WITH_VEX, '?vex=embedded');
    expect(idsOf(report)).toEqual([false, SUPPRESSED]);
    const { digest } = report.target;
    const { body } = await api.send<ImageSummary>('GET', `/v2/images/${digest}`);
    expect(body.suppressed).toBe(1);
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const changes = await api.send<{ changes: readonly object[] }>(
      'GET',
      `/v2/images/${digest}/changes?since=${since}`,
    );
    expect(JSON.stringify(changes.body.changes)).not.toContain('CVE-2099-0001');
  });

  it('suppress nothing without a request, and nothing in another SBOM', async () => {
    const ignored = await reportOf(WITH_VEX);
    expect(idsOf(ignored)).toEqual([true, []]);
    expect(ignored.diagnostics.map(({ code }) => code)).toContain('sbom-statements-unused');
    expect(idsOf(await reportOf(WITHOUT_VEX, '?vex=embedded'))).toEqual([true, []]);
    expect(idsOf(await reportOf(WITH_VEX, '?vex=embedded'))).toEqual([false, SUPPRESSED]);
  });

  it.each<[string, readonly string[], unknown]>([
    ['suppress with --sbom-vex', ['--sbom-vex'], [false, SUPPRESSED]],
    ['suppress nothing without the option', [], [true, []]],
  ])('%s on the command line', async (_what, options, expected) => {
    const path = join(server.folder, 'app.json');
    writeFileSync(path, JSON.stringify(WITH_VEX));
    const db = ['--db', join(server.folder, 'db', 'clair.db'), '--format', 'json', ...options];
    let out = '';
    const { signal } = new AbortController();
    await runCli(['scan', `sbom:${path}`, ...db], { out: (text) => (out += text), err: () => undefined, signal });
    expect(idsOf(JSON.parse(out))).toEqual(expected);
    vi.stubEnv('CLAIR_SERVER', server.url);
    let sent = '';
    const args = ['submit', `sbom:${path}`, '--format', 'json', ...options];
    await runCli(args, { out: (text) => (sent += text), err: () => undefined, signal });
    vi.unstubAllEnvs();
    expect(idsOf(JSON.parse(sent))).toEqual(expected);
  });
});

describe('an SBOM of another image', () => {
  const digest = `sha256:${'c'.repeat(64)}`;
  const codesOf = async (image: string): Promise<readonly string[]> => {
    const component = { type: 'container', name: 'app', version: digest };
    const body = JSON.stringify(cyclonedxOf([DEBIAN, withPurl(LIBSSL)], { metadata: { component } }));
    const [, { submission }] = await send(body, { query: `?image=${image}` });
    const { images } = await finished(submission);
    const { diagnostics } = (await api.send<Report>('GET', `/v2/images/${images[0]}/report`)).body;
    return diagnostics.filter(({ incomplete }) => incomplete).map(({ code }) => code);
  };

  it('has an incomplete report, and the SBOM of the image has not', async () => {
    expect(await codesOf(digest.replaceAll('c', 'd'))).toContain('sbom-subject-differs');
    expect(await codesOf(digest)).not.toContain('sbom-subject-differs');
  });
});

describe('POST /v2/sboms', () => {
  it.each([...SBOM_TYPES, 'application/vnd.cyclonedx+json; version=1.6', 'Application/JSON'])(
    'accepts the media type %s',
    async (type) => {
      const [status, { submission }] = await send(TEXT, { type });
      expect([status, submission.target]).toEqual([202, expect.stringMatching(/^sha256:/)]);
      expect((await finished(submission)).state).toBe('done');
    },
  );

  it.each(['text/html', 'application/pdf', 'application/x-tar', 'multipart/form-data; boundary=x'])(
    'rejects the media type %s, and names the others',
    async (type) => {
      const [status, { error }] = await send(TEXT, { type });
      expect([status, error?.code]).toEqual([415, 'request/unsupported-type']);
      expect(error?.message).toContain('application/vnd.cyclonedx+json');
    },
  );

  it.each<[string, string, string]>([
    ['an empty body', '', ''],
    ['a long name', TEXT, `?name=${'x'.repeat(257)}`],
    ['an empty name', TEXT, '?name='],
    ['another choice for VEX', TEXT, '?vex=maybe'],
    ['a text that is not a distribution', TEXT, '?distribution=nothing'],
    ['a text that is not a digest', TEXT, '?image=app:1'],
    ['an unknown parameter', TEXT, '?platform=linux/amd64'],
  ])('rejects %s', async (_what, body, query) => {
    expect((await send(body, { query }))[0]).toBe(400);
  });

  it.each<[string, string, string]>([
    ['is no SBOM', '{"a": 1}', 'sbom/unsupported'],
    ['is cut off', TEXT.slice(0, -4), 'sbom/invalid'],
    [
      'is too deep',
      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'['.repeat(2000)}`,
      'sbom/limit-exceeded',
    ],
    ['is blank', ' \n', 'sbom/invalid'],
  ])('accepts a document that %s, and its submission fails with a next step', async (_what, text, code) => {
    const [status, { submission }] = await send(text);
    const { state, error } = await finished(submission);
    expect([status, state, error?.code]).toEqual([202, 'failed', code]);
    expect(error?.remedy).toMatch(/\.$/);
  });
});
