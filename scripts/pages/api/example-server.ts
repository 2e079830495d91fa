import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { createPlanner } from '../../../src/notifier/planner.ts';
import type { BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { configOf } from '../../../src/worker/testing/image-builder.ts';
import { OCI_MANIFEST, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../../test/fixtures/demo-image.ts';

/** The time of the first step of the examples. */
const START = Date.parse('2026-01-10T09:00:00Z');

/** The names of the notifications without the last digit, which is the number of the notification. */
const NOTIFICATION_NAME = '3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a1';

/** The registry in the examples. */
const SHOWN_REGISTRY = 'registry.example.com';

/** The folder in the examples. */
const SHOWN_FOLDER = '/var/lib/layers';

/** The secret of webhooks in the examples. */
export const WEBHOOK_SECRET = 'xK3n9Q2vL7wB5tRz';

/** A server on an empty database in memory, with a registry and its own clock, for reproducible examples. */
export type ExampleServer = {
  readonly api: FastifyInstance;
  readonly clair: Clair;
  /** The layers of the demo image, base first. */
  readonly layers: readonly BuiltLayer[];
  /** Imports the demo feed. */
  readonly update: () => Promise<void>;
  /** Creates the notifications about all changes so far. */
  readonly notify: () => Promise<void>;
  /** Creates the Clair v4 notifications about all updates until now. Returns the name of the first notification. */
  readonly notifyV4: () => Promise<string>;
  /** Writes a file into the folder of layers. */
  readonly file: (name: string, content: Buffer) => Promise<void>;
  /** Pushes an image with uncompressed layers, because compressed bytes would depend on the version of zlib. */
  readonly push: (layers: readonly BuiltLayer[], tag: string) => void;
  /** Moves the clock forward. */
  readonly wait: (milliseconds: number) => void;
  /** Replaces the registry, the folder, random IDs and tokens in a text with fixed example values. */
  readonly shown: (text: string) => string;
  /** The reverse of {@link shown} for the registry and the folder. */
  readonly real: (text: string) => string;
  readonly close: () => Promise<void>;
};

/** Starts the server, which the caller must close. */
export async function startExampleServer(): Promise<ExampleServer> {
  let now = START;
  let notifications = 0;
  const ids = new Map<string, string>();
  const folder = await mkdtemp(join(tmpdir(), 'clair-examples-'));
  const registry = await startRegistryServer();
  const clair = await composeClair({ type: 'memory' }, { time: () => now });
  const log = pino({ level: 'silent' });
  const webhooks = { registries: [registry.domain], distribution: WEBHOOK_SECRET };
  const api = await clair.api({ allowedPaths: [folder], allowedHosts: ['127.0.0.1'], webhooks, log });
  const planned = {
    store: clair.store,
    owner: 'examples',
    now: clair.store.now,
    newName: () => `${NOTIFICATION_NAME}${(notifications += 1)}`,
  };
  const planner = createPlanner(planned);
  const shownId = (id: string): string => {
    if (id.startsWith(NOTIFICATION_NAME)) return id;
    const shown = ids.get(id) ?? `7c9e6679-7425-40de-944b-e07fc1f90ae${ids.size + 1}`;
    ids.set(id, shown);
    return shown;
  };
  return {
    api,
    clair,
    layers: await buildDemoLayers(),
    update: async () => void (await clair.updater.update('debian', { from: DEMO_FEED })),
    notify: async () => void (await planner.plan(new AbortController().signal)),
    async notifyV4() {
      const v4 = createPlanner({ ...planned, wanted: { changes: false, updates: 'summary' } });
      await v4.plan(new AbortController().signal);
      const [first] = await clair.store.updateNotifications.claim({ owner: 'examples', lease: 0, limit: 1 });
      return first?.name ?? '';
    },
    file: async (name, content) => await writeFile(join(folder, name), content),
    push(layers, tag) {
      const descriptors = layers.map(({ tar }) => registry.blob(tar, 'application/vnd.oci.image.layer.v1.tar'));
      const config = registry.blob(JSON.stringify(configOf(layers)), 'application/vnd.oci.image.config.v1+json');
      registry.manifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: descriptors }, OCI_MANIFEST, tag);
    },
    wait: (milliseconds) => void (now += milliseconds),
    shown: (text) =>
      text
        .replaceAll(registry.domain, SHOWN_REGISTRY)
        .replaceAll(folder, SHOWN_FOLDER)
        .replaceAll(/gAAAA[\w-]{20,}={0,2}/g, 'gAAAAABpYhmQ…')
        .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, shownId),
    real: (text) => text.replaceAll(SHOWN_REGISTRY, registry.domain).replaceAll(SHOWN_FOLDER, folder),
    async close() {
      await api.close();
      await clair.close();
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
