import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { composeClair } from '../../../src/compose/clair.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { hasBrowser, launchBrowser } from '../../fixtures/headless-browser.ts';

const VULNERABILITY = {
  ID: 'CVE-2099-CSRF',
  Link: 'http://evil.example',
  Priority: 'Defcon1',
  AffectedPackages: [{ OS: 'debian:12', Name: 'openssl', AllVersions: true }],
};

let server: ClairServer;
let port: string;
beforeAll(async () => {
  server = await startClairServer([], { hosts: ['clair.example'] });
  ({ port } = new URL(server.url));
});
afterAll(() => server.close());

/** Sends headers that `fetch` does not allow, and returns the status. */
async function statusOf(method: string, path: string, headers: Record<string, string>): Promise<[number, string]> {
  const request = httpRequest(`${server.url}${path}`, { method, headers, agent: false, setHost: !('host' in headers) });
  const [answer] = await once(request.end(), 'response');
  const [, code = ''] = /([a-z]+\/[a-z-]+)/.exec(await text(answer)) ?? [];
  return [answer.statusCode, answer.statusCode < 400 ? '' : code];
}

describe('a server accepts', () => {
  it.each(['127.0.0.1', 'localhost', 'clair.example'])('requests for %s', async (host) => {
    for (const path of ['/v1/versions', '/v2/status', '/v1/metrics']) {
      expect([path, ...(await statusOf('GET', path, { host: `${host}:${port}` }))]).toEqual([path, 200, '']);
    }
  });

  it('no request for another host name', async () => {
    const refused = [403, 'request/unknown-host'];
    for (const path of ['/', '/v1/versions', '/v2/images', '/v1/metrics', '/v1/nothing', '/openapi.json']) {
      expect(await statusOf('GET', path, { host: 'rebind.example' })).toEqual(refused);
      expect(await statusOf('DELETE', path, { host: `rebind.example:${port}` })).toEqual(refused);
    }
  });

  it('no write from another site, but reads from it and writes from its own pages', async () => {
    const refused = [403, 'request/cross-site'];
    const origin = 'http://evil.example';
    for (const path of ['/v1/vulnerabilities/X', '/v1/layers/x', '/v2/nothing']) {
      expect(await statusOf('DELETE', path, { origin })).toEqual(refused);
      expect(await statusOf('DELETE', path, { 'sec-fetch-site': 'cross-site' })).toEqual(refused);
    }
    expect(await statusOf('GET', '/v2/status', { origin, 'sec-fetch-site': 'cross-site' })).toEqual([200, '']);
    expect(await statusOf('DELETE', '/v1/layers/x', { origin: server.url })).toEqual([404, 'layer/not-found']);
  });
});

describe.skipIf(!hasBrowser())('in a browser', () => {
  let evil: Server;
  beforeAll(async () => {
    evil = createServer((_request, response) => void response.setHeader('content-type', 'text/html').end('<p>evil'));
    await once(evil.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => evil.close());

  it('a page of another site cannot write, and a rebound host name can neither read nor write', async () => {
    const rules = ['evil.example', 'rebind.example', 'clair.example'].map((name) => `MAP ${name} 127.0.0.1`);
    const browser = await launchBrowser([`--host-resolver-rules=${rules.join(', ')}`]);
    try {
      const page = await browser.newPage();
      await page.goto(`http://evil.example:${(evil.address() as AddressInfo).port}/`);
      const attack = async ({ base, body }: { base: string; body: string }): Promise<void> => {
        const types = ['text/plain', 'application/x-www-form-urlencoded', ''];
        for (const type of types) {
          const sent = { method: 'POST', mode: 'no-cors' as const, body: new Blob([body], { type }) };
          await fetch(`${base}/v1/vulnerabilities`, sent);
        }
        await fetch(`${base}/v2/images`, {
          method: 'POST',
          mode: 'no-cors',
          body: '{"reference":"127.0.0.1:9/x/y:z"}',
        });
        await fetch(`${base}/v1/vulnerabilities/CVE-2099-CSRF`, { method: 'DELETE' }).catch(() => undefined);
      };
      await page.evaluate(attack, { base: server.url, body: JSON.stringify(VULNERABILITY) });
      expect((await server.get('/v1/vulnerabilities/CVE-2099-CSRF')).status).toBe(404);
      expect(await server.get('/v2/submissions')).toMatchObject({ body: { submissions: [] } });

      // From this request on, the database contains data to protect.
      expect((await server.send('POST', '/v1/vulnerabilities', { body: VULNERABILITY })).status).toBe(201);
      const tried = async (path: string): Promise<number[]> => {
        const json = { 'content-type': 'application/json' };
        return [
          (await fetch(path)).status,
          (await fetch(path, { method: 'PUT', headers: json, body: '{"Link":"http://own.example"}' })).status,
          (await fetch(path, { method: 'DELETE' })).status,
        ];
      };
      const from = async (name: string): Promise<number[]> => {
        await page.goto(`http://${name}:${port}/v2/status`);
        return await page.evaluate(tried, '/v1/vulnerabilities/CVE-2099-CSRF');
      };
      expect(await from('rebind.example')).toEqual([403, 403, 403]);
      expect(await from('clair.example')).toEqual([200, 204, 204]);
    } finally {
      await browser.close();
    }
  });
});

it('an invalid server name in the configuration is rejected before the start', async () => {
  const clair = await composeClair({ type: 'memory' });
  const looked = vi.spyOn(clair.store.submissions, 'unfinished');
  const options = { allowedPaths: [], allowedHosts: [], log: pino({ level: 'silent' }) };
  await expect(clair.api({ ...options, hosts: ['http://clair'] })).rejects.toMatchObject({ code: 'cli/usage' });
  expect(looked).not.toHaveBeenCalled();
  await clair.close();
});
