import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentedApi } from '../../../src/api/testing/api-documentation.ts';
import { startAskedServer } from '../../../src/api/testing/asked-server.ts';
import type { ClairServer } from '../../../src/api/testing/clair-server.ts';

const NAMESPACE = '/v1/namespaces/debian:12/vulnerabilities';
const NOTHING = { Message: expect.any(String), Error: { Message: expect.any(String) } };

let server: ClairServer;
let api: DocumentedApi;
beforeAll(async () => {
  ({ server, api } = await startAskedServer());
});
afterAll(() => server.close());

describe('a layer may be called', () => {
  it.each([
    ['with slashes', 'library/demo/sha256:0'],
    ['in 128 hexadecimal digits', 'ab'.repeat(64)],
    ['in other scripts', 'слой-層-🐳'],
    ['with characters of URLs', '?a=b&c#d;e%2F+%'],
    ['with a path traversal', 'a/../../b'],
    ['with a line break and a NUL', 'a\r\nb\u0000'],
    ['like an object property', '__proto__'],
    ['in 1,024 characters', 'x'.repeat(1024)],
  ])('%s', async (_what, Name) => {
    const Path = join(server.folder, '0.tar');
    const posted = await api.send('POST', '/v1/layers', { body: { Layer: { Name, Path, Format: 'Docker' } } });
    expect([posted.status, posted.body]).toEqual([
      201,
      expect.objectContaining({ Layer: expect.objectContaining({ Name }) }),
    ]);
    const path = `/v1/layers/${encodeURIComponent(Name)}`;
    expect((await api.send('GET', path)).body).toMatchObject({ Layer: { Name } });
    expect((await api.send('GET', `${path}/os`)).body).toEqual({ OS: 'debian:12' });
    const batch = await api.send<object>('POST', '/v1/batch/layers/vulnerabilities', { body: { LayersIDs: [Name] } });
    expect([batch.status, Object.keys(batch.body)]).toEqual([200, [Name]]);
    expect((await api.send('DELETE', path)).status).toBe(200);
    expect((await api.send('GET', path)).status).toBe(404);
  });
});

describe('a request', () => {
  it.each<[string, number]>([
    ['/v1/layers/base/vulnerabilities?minimumPriority=defCON1', 200],
    ['/v1/layers/base/vulnerabilities?minimumPriority=Low&minimumPriority=High', 400],
    ['/v1/layers/base/vulnerabilities?minimumPriority=None', 400],
    ['/v1/layers/base/os/', 404],
    ['/V1/versions', 404],
    ['//v1/versions', 404],
    ['/v1/layers//os', 400],
    ['/v1/namespaces//vulnerabilities?limit=1', 400],
    [`/v1/namespaces/${'x'.repeat(129)}/vulnerabilities?limit=1`, 400],
    [`/v1/vulnerabilities/${'x'.repeat(129)}`, 400],
    [`/v1/notifications/${'x'.repeat(129)}?limit=1`, 400],
    ['/v1/namespaces/debian%3A12%2Fx/vulnerabilities?limit=1', 404],
  ])('GET %s is %i', async (path, status) => {
    expect((await server.send('GET', path)).status).toBe(status);
  });

  it.each([
    ['PUT', '/v1/layers'],
    ['PATCH', '/v1/vulnerabilities/CVE-2099-0001'],
    ['POST', '/v1/namespaces'],
    ['POST', '/v1/layers/base'],
    ['DELETE', '/v1/namespaces/debian:12'],
    ['PUT', '/v1/notifications/n1'],
  ])('%s %s is not a route', async (method, path) => {
    const answer = await server.send(method, path, { body: {} });
    expect([answer.status, answer.body]).toEqual([404, NOTHING]);
  });

  it.each([['fixedIn'], ['fixedIn='], ['fixedIn=false'], ['x=1&fixedIn=0']])('?%s requests fixes', async (query) => {
    const { body } = await api.send<{ Vulnerability: object }>('GET', `${NAMESPACE}/CVE-2099-0002?${query}`);
    expect(body.Vulnerability).toHaveProperty('FixedIn.0.Version', 'None');
  });

  it.each(['unknown', 'NEGLIGIBLE', 'low', 'mEdIuM', 'High', 'critical', 'defcon1'])(
    'accepts a severity in any case: %s',
    async (Severity) => {
      const { status, body } = await api.send<{ Vulnerability: { Severity: string } }>('PUT', `${NAMESPACE}/OWN-8`, {
        body: { Vulnerability: { Severity } },
      });
      const capitalized = `${Severity[0]?.toUpperCase()}${Severity.slice(1).toLowerCase()}`;
      expect([status, body.Vulnerability.Severity]).toEqual([200, capitalized]);
    },
  );
});
