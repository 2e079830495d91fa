import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';
import type { ExampleRecorder } from './example-recorder.ts';
import type { ExampleServer } from './example-server.ts';
import { finishedSubmission } from './finished-submission.ts';

const CVE = 'CVE-2099-0003';
const IMAGE = { reference: 'registry.example.com/app:1.0', platform: 'linux/amd64' };
const TAG = '1.0';

const DAY_MS = 86_400_000;

/** Records an example of each operation of the v2 API. */
export async function recordV2Examples(server: ExampleServer, recorder: ExampleRecorder): Promise<void> {
  const { record, send } = recorder;
  await server.notify();
  await server.update();
  server.push(server.layers.slice(0, 2), TAG);
  await finished(server, await send<Submitted>('POST /v2/images', { body: IMAGE }));
  server.wait(10 * DAY_MS);
  await server.update();
  server.push(server.layers.slice(0, 3), TAG);
  const submitted = await record<Submitted>('POST /v2/images', { title: 'An image in a registry:', body: IMAGE });
  const digest = await finished(server, submitted);
  await recordSubmissions(server, recorder, submitted.submission.id);
  await record('GET /v2/status');
  await record('GET /v2/overview');
  await record('GET /v2/images', { query: { search: 'app', limit: '1' } });
  const path = { digest };
  await record('GET /v2/images/{digest}', { path });
  await record('GET /v2/images/{digest}/report', { path });
  await record('GET /v2/images/{digest}/graph', { path });
  await record('GET /v2/images/{digest}/upgrades', { path });
  await record('GET /v2/images/{digest}/changes', { path, query: { since: '2026-01-15' } });
  const { history } = await send<WithHistory>('GET /v2/images/{digest}', { path });
  await record('GET /v2/comparison', { query: { before: history[0]?.digest ?? '', after: digest } });
  await recordVulnerabilities(recorder);
  await recordFileRules(server, recorder);
  await recordIgnoreRules(recorder);
  await recordNotifications(server, recorder);
  await record('DELETE /v2/images/{digest}', { path });
}

const finished = async (server: ExampleServer, { submission }: Submitted): Promise<string> =>
  await finishedSubmission(server, submission.id);

type WithHistory = { readonly history: readonly { readonly digest: string }[] };

type Submitted = { readonly submission: { readonly id: string } };

async function recordSubmissions(server: ExampleServer, { record }: ExampleRecorder, id: string): Promise<void> {
  const bytes = await buildDockerArchive(server.layers.slice(0, 1), 'base:1');
  const upload = { name: 'base.tar', bytes };
  const request = { title: 'An archive:', query: { name: upload.name }, upload };
  await finished(server, await record<Submitted>('POST /v2/images', request));
  const sbom = { name: 'app.json', type: 'application/vnd.cyclonedx+json', bytes: Buffer.from(JSON.stringify(SBOM)) };
  const sent = { query: { name: sbom.name, distribution: 'debian:12' }, upload: sbom };
  await finished(server, await record<Submitted>('POST /v2/sboms', sent));
  await record('GET /v2/submissions', { query: { limit: '2' } });
  await record('GET /v2/submissions/{id}', { path: { id } });
  await record('GET /v2/submissions/{id}/events', { path: { id } });
}

const SBOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  components: [{ type: 'library', name: 'zlib1g', version: '1.2', purl: 'pkg:deb/debian/zlib1g@1.2?upstream=zlib' }],
};

async function recordVulnerabilities({ record }: ExampleRecorder): Promise<void> {
  const path = { id: CVE };
  await record('GET /v2/vulnerabilities', { query: { search: 'CVE-2099', limit: '2' } });
  await record('GET /v2/vulnerabilities/{id}', { path });
  await record('GET /v2/vulnerabilities/{id}/layers', { path, query: { limit: '10' } });
  await record('GET /v2/vulnerabilities/{id}/images', { path });
  await record('GET /v2/changes', { query: { limit: '2' } });
  await record('GET /v2/feeds');
}

const RULE = 'XZ-1';

async function recordFileRules(server: ExampleServer, { record }: ExampleRecorder): Promise<void> {
  await record('POST /v2/file-rules', {
    body: { id: RULE, paths: ['/usr/lib/liblzma.so.5.6.0'], severity: 'Critical', description: 'Backdoor in xz 5.6.0' },
  });
  await server.clair.indexFiles(new AbortController().signal);
  await record('GET /v2/file-rules', { query: { limit: '1' } });
  await record('GET /v2/file-rules/{id}', { path: { id: RULE } });
  await record('DELETE /v2/file-rules/{id}', { path: { id: RULE } });
}

async function recordIgnoreRules({ record }: ExampleRecorder): Promise<void> {
  const { name } = await record<{ readonly name: string }>('POST /v2/ignore-rules', {
    body: {
      id: [CVE],
      package: 'zlib',
      image: 'registry.example.com/app',
      reason: 'The parser is never called.',
      author: 'jane@example.org',
      expires: '2099-12-31',
    },
  });
  await record('GET /v2/ignore-rules', { query: { state: 'active' } });
  await record('GET /v2/ignore-rules/{name}', { path: { name } });
  await record('DELETE /v2/ignore-rules/{name}', { path: { name } });
}

/** Records notifications about two new vulnerabilities, after all attempts to deliver them failed. */
async function recordNotifications(server: ExampleServer, { record, send }: ExampleRecorder): Promise<void> {
  for (const Name of ['OWN-1', 'OWN-2']) {
    const Vulnerability = { Name, Severity: 'High', FixedIn: [{ Name: 'zlib', Version: 'None' }] };
    await send('POST /v1/namespaces/{namespace}/vulnerabilities', {
      path: { namespace: 'debian:12' },
      body: { Vulnerability },
    });
  }
  await server.notify();
  const { notifications, now } = server.clair.store;
  const claimed = await notifications.claim({ owner: 'examples', lease: 0, limit: 2 });
  for (const { id } of claimed) {
    const error = 'webhook: hooks.example.com returned status 502';
    await notifications.recordFailure(id, { owner: 'examples', at: now(), error, dueAt: null });
  }
  await record('GET /v2/notifications', { query: { state: 'dead' } });
  await record('POST /v2/notifications/{name}/retry', { path: { name: claimed[0]?.name ?? '' } });
  await record('POST /v2/notifications/retry');
}
