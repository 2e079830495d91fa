import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlanner } from '../../notifier/planner.ts';
import { type DocumentedApi, documentedApi } from './api-documentation.ts';
import { type ClairServer, startClairServer } from './clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../../test/fixtures/demo-image.ts';

/**
 * A server with data for every route: the demo feed, the layers `base` and `top` (on `base`), and the notification `n1`
 * about `OWN-9`, which affects both layers.
 */
export type AskedServer = { readonly server: ClairServer; readonly api: DocumentedApi };

/** The key of the server's page tokens. */
export const PAGE_TOKEN_KEY: string = 'A'.repeat(43);

export async function startAskedServer(): Promise<AskedServer> {
  const server = await startClairServer([], { pageTokenKey: PAGE_TOKEN_KEY });
  const { store, updater } = server.clair;
  const planner = createPlanner({ store, owner: 'one', now: Date.now, newName: () => 'n1' });
  const { signal } = new AbortController();
  await planner.plan(signal);
  await updater.update('debian', { from: DEMO_FEED });
  const layers = await buildDemoLayers();
  for (const [index, Name] of ['base', 'top'].entries()) {
    const Path = join(server.folder, `${index}.tar`);
    writeFileSync(Path, layers[index]?.tar ?? '');
    const ParentName = index === 0 ? '' : 'base';
    await server.post('/v1/layers', { Layer: { Name, Path, Format: 'Docker', ParentName } });
  }
  const FixedIn = [{ Name: 'openssl', Version: 'None' }];
  const Vulnerability = { Name: 'OWN-9', Severity: 'low', FixedIn };
  await server.post('/v1/namespaces/debian:12/vulnerabilities', { Vulnerability });
  await planner.plan(signal);
  return { server, api: await documentedApi(server) };
}
