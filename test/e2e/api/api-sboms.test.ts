import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { SBOM_TYPES } from '../../../src/api/v2/sbom-submission.ts';
import { cyclonedxOf, DEBIAN } from '../../../src/worker/sboms/testing/documents.ts';

type Submission = {
  readonly id: string;
  readonly target: string;
  readonly state: string;
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
    ['a text that is no distribution', TEXT, '?distribution=nothing'],
    ['an unknown parameter', TEXT, '?platform=linux/amd64'],
  ])('rejects %s', async (_what, body, query) => {
    expect((await send(body, { query }))[0]).toBe(400);
  });

  it('rejects an SBOM above 64 MiB', async () => {
    const [status, { error }] = await send(new Uint8Array(64 * 1024 ** 2 + 1));
    expect([status, error?.code]).toEqual([413, 'submission/too-large']);
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
