import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { buildDemoLayers } from '../fixtures/demo-image.ts';
import { type RegistryServer, startRegistryServer } from '../../src/worker/testing/registry-server.ts';

/** A slow registry occupies one reader of submissions and does not block other submissions. */
let server: ClairServer;
let registry: RegistryServer;
let slow: Server;
const responses: ServerResponse[] = [];

beforeAll(async () => {
  server = await startClairServer(['127.0.0.1'], { reading: { readers: 3 } });
  registry = await startRegistryServer();
  registry.image(await buildDemoLayers(), { tag: 'demo' });
  slow = createServer((_, response) => {
    response.writeHead(200, {
      'content-type': 'application/vnd.oci.image.manifest.v1+json',
      'content-length': 100_000,
    });
    response.write(' ');
    responses.push(response);
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await server.close();
  await registry.close();
  slow.closeAllConnections();
  slow.close();
});

type Answer = { readonly submission: { readonly id: string; readonly state: string } };

async function submit(reference: string): Promise<string> {
  const { body } = await server.send<Answer>('POST', '/v2/images', { body: { reference } });
  return body.submission.id;
}

async function stateOf(id: string): Promise<string> {
  return (await server.get<{ readonly state: string }>(`/v2/submissions/${id}`)).body.state;
}

it('the third worker reads an image at once while two slow registries occupy the other workers', async () => {
  const host = `127.0.0.1:${(slow.address() as AddressInfo).port}`;
  const held = [await submit(`${host}/a/b:1`), await submit(`${host}/a/b:2`)];
  await vi.waitFor(() => expect(responses).toHaveLength(2), { timeout: 20_000, interval: 50 });
  const behind = await submit(`${registry.domain}/demo:demo`);
  await vi.waitFor(async () => expect(await stateOf(behind)).toBe('done'), { timeout: 25_000, interval: 100 });
  expect(await Promise.all(held.map(stateOf))).toEqual(['reading', 'reading']);
});
