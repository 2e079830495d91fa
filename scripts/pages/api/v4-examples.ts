import { createHash } from 'node:crypto';
import type { ExampleRecorder } from './example-recorder.ts';
import type { ExampleServer } from './example-server.ts';

const HASH = `sha256:${'5'.repeat(64)}`;

/** Records an example of each operation of the Clair v4 API. */
export async function recordV4Examples(server: ExampleServer, { record, send }: ExampleRecorder): Promise<void> {
  await server.update();
  const layers = server.layers.slice(0, 2);
  server.push(layers, 'v4');
  const posted = layers.map(({ tar }) => {
    const hash = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
    return { hash, uri: `http://registry.example.com/v2/app/blobs/${hash}`, headers: {} };
  });
  const path = { digest: HASH };
  await record('GET /indexer/api/v1/index_state');
  await record('POST /indexer/api/v1/index_report', { body: { hash: HASH, layers: posted } });
  await record('GET /indexer/api/v1/index_report/{digest}', { path });
  await record('GET /matcher/api/v1/vulnerability_report/{digest}', { path });
  await record('POST /indexer/api/v1/internal/affected_manifest', {
    body: { vulnerabilities: [{ id: '42', name: 'CVE-2099-0001', normalized_severity: 'Critical' }] },
  });
  await server.notifyV4();
  const Vulnerability = { Name: 'OWN-1', Severity: 'High', FixedIn: [{ Name: 'zlib', Version: 'None' }] };
  await send('POST /v1/namespaces/{namespace}/vulnerabilities', {
    path: { namespace: 'debian:12' },
    body: { Vulnerability },
  });
  const id = await server.notifyV4();
  const operation = 'GET /matcher/api/v1/internal/update_operation';
  const operations = await record<{ manual?: readonly { ref: string }[] }>(operation, { query: { latest: 'true' } });
  const ref = operations.manual?.[0]?.ref ?? '';
  await record('GET /matcher/api/v1/internal/update_diff', { query: { cur: ref } });
  await record('DELETE /matcher/api/v1/internal/update_operation/{ref}', { path: { ref } });
  await record('GET /notifier/api/v1/notification/{id}', { path: { id }, query: { page_size: '100' } });
  await record('DELETE /notifier/api/v1/notification/{id}', { path: { id } });
  await record('DELETE /indexer/api/v1/index_report', { body: [HASH] });
  await record('DELETE /indexer/api/v1/index_report/{digest}', { path });
}
