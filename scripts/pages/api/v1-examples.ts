import type { ExampleRecorder } from './example-recorder.ts';
import type { ExampleServer } from './example-server.ts';

const NAMESPACE = 'debian:12';
const CVE = 'CVE-2099-0001';

/** Records an example of each operation of both generations of the v1 API. */
export async function recordV1Examples(server: ExampleServer, { record }: ExampleRecorder): Promise<void> {
  await server.notify();
  await server.update();
  for (const [index, name] of ['base', 'app'].entries()) {
    await server.file(`${name}.tar`, server.layers[index]?.tar ?? Buffer.alloc(0));
  }
  await record('POST /v1/layers', {
    title: 'Stable generation:',
    body: { Layer: { Name: 'base', Path: '/var/lib/layers/base.tar', Format: 'Docker' } },
  });
  await record('POST /v1/layers', {
    title: 'First generation:',
    body: { ID: 'app', Path: '/var/lib/layers/app.tar', ParentID: 'base', ImageFormat: 'Docker' },
  });
  await record('GET /v1/versions');
  await record('GET /v1/health');
  await record('GET /v1/metrics', { lines: (line) => line.startsWith('clair_feed_') });
  await recordLayers({ record });
  await recordManualVulnerability({ record });
  await recordNamespaces({ record });
  await server.notify();
  const [notification] = await server.clair.store.notifications.list('waiting', { after: 0, limit: 1 });
  const name = notification?.name ?? '';
  await record('GET /v1/notifications/{name}', { path: { name }, query: { limit: '10' } });
  await record('DELETE /v1/notifications/{name}', { path: { name } });
  const own = { namespace: NAMESPACE, name: 'OWN-2' };
  await record('DELETE /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes/{feature}', {
    path: { ...own, feature: 'openssl' },
  });
  await record('DELETE /v1/namespaces/{namespace}/vulnerabilities/{name}', { path: own });
  await record('DELETE /v1/layers/{name}', { path: { name: 'app' } });
}

type Recording = Pick<ExampleRecorder, 'record'>;

async function recordLayers({ record }: Recording): Promise<void> {
  const path = { id: 'app' };
  await record('GET /v1/layers/{name}', { path: { name: 'app' }, query: { vulnerabilities: '' } });
  await record('GET /v1/layers/{id}/os', { path });
  await record('GET /v1/layers/{id}/parent', { path });
  await record('GET /v1/layers/{id}/packages', { path });
  await record('GET /v1/layers/{id}/packages/diff', { path });
  await record('GET /v1/layers/{id}/vulnerabilities', { path, query: { minimumPriority: 'Low' } });
  await record('GET /v1/layers/{id}/vulnerabilities/diff', { path, query: { minimumPriority: 'Low' } });
  const body = { LayersIDs: ['base', 'app'] };
  await record('POST /v1/batch/layers/vulnerabilities', { query: { minimumPriority: 'Low' }, body });
  await record('GET /v1/vulnerabilities/{id}/introducing-layers', { path: { id: CVE } });
  await record('POST /v1/vulnerabilities/{id}/affected-layers', { path: { id: CVE }, body });
}

async function recordManualVulnerability({ record }: Recording): Promise<void> {
  const path = { id: 'OWN-1' };
  await record('POST /v1/vulnerabilities', {
    body: {
      ID: 'OWN-1',
      Link: 'https://security.example.com/OWN-1',
      Priority: 'High',
      AffectedPackages: [{ OS: NAMESPACE, Name: 'zlib', BeforeVersion: '1:1.3' }],
    },
  });
  await record('GET /v1/vulnerabilities/{id}', { path });
  await record('PUT /v1/vulnerabilities/{id}', { path, body: { Priority: 'Critical' } });
  await record('DELETE /v1/vulnerabilities/{id}', { path });
}

async function recordNamespaces({ record }: Recording): Promise<void> {
  const [path, own] = [{ namespace: NAMESPACE }, { namespace: NAMESPACE, name: 'OWN-2' }];
  await record('GET /v1/namespaces');
  await record('GET /v1/namespaces/{namespace}/vulnerabilities', { path, query: { limit: '2' } });
  await record('POST /v1/namespaces/{namespace}/vulnerabilities', {
    path,
    body: {
      Vulnerability: {
        Name: 'OWN-2',
        Description: 'A weak default.',
        Severity: 'High',
        FixedIn: [{ Name: 'openssl', Version: 'None' }],
      },
    },
  });
  await record('GET /v1/namespaces/{namespace}/vulnerabilities/{name}', { path: own, query: { fixedIn: '' } });
  await record('PUT /v1/namespaces/{namespace}/vulnerabilities/{name}', {
    path: own,
    body: { Vulnerability: { Severity: 'Critical', Link: 'https://security.example.com/OWN-2' } },
  });
  await record('GET /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes', { path: own });
  await record('PUT /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes/{feature}', {
    path: { ...own, feature: 'openssl' },
    body: { Feature: { Name: 'openssl', Version: '3.0.14-1~deb12u1' } },
  });
}
