import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noise } from '../../src/bytes/testing/noise.ts';
import { elfFile } from '../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import { information } from '../../src/worker/detectors/libraries/golang/testing/go-program.ts';
import type { Report } from '../../src/model/report/report.ts';
import { stargz, type StargzLayer } from '../../src/worker/parts/testing/stargz.ts';
import { zstdChunked } from '../../src/worker/parts/testing/zstd-chunked.ts';
import { buildLayer, configOf, type LayerMembers } from '../../src/worker/testing/image-builder.ts';
import { OCI_MANIFEST, type RegistryServer, startRegistryServer } from '../../src/worker/testing/registry-server.ts';
import { runClair } from '../fixtures/cli-run.ts';

/** Scans images of zstd:chunked layers, whole and in part: the findings must be the same. */
const folder = mkdtempSync(join(tmpdir(), 'clair-partial-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOISE = noise(3 * 1024 * 1024);
const stanza = (name: string): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n\n`;

/** A base, a layer of data, an upgrade, an application with programs, and a layer that removes files. */
const LAYERS: readonly LayerMembers[] = [
  {
    'etc/os-release': 'ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n',
    'var/lib/dpkg/status': stanza('openssl') + stanza('zlib1g'),
    'usr/share/fonts/all.ttc': NOISE,
  },
  { 'models/a.safetensors': NOISE, 'models/b.safetensors': Buffer.from(NOISE.map((byte) => 255 - byte)) },
  { 'var/lib/dpkg/status': stanza('openssl') + stanza('curl'), 'var/cache/index.bin': NOISE },
  {
    'app/node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.0.0"}',
    'app/tool': elfFile([information()]),
    'app/data.bin': NOISE,
    'app/sparse.img': Buffer.alloc(1024 * 1024),
  },
  { 'app/node_modules/.wh.left-pad': '', 'opt/.wh..wh..opq': '', 'opt/more.bin': NOISE },
];
const TARS = await Promise.all(LAYERS.map(buildLayer));

let registry: RegistryServer;
let databases = 0;
const blobs = new Map<string, Buffer>();

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  vi.stubEnv('DOCKER_CONFIG', folder);
  registry = await startRegistryServer();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await registry.close();
});

/** Pushes the image. */
function push(): void {
  pushLayers(
    TARS.map((tar) => ({ ...zstdChunked(tar), tar })),
    'zstd',
  );
}

function pushLayers(built: readonly StargzLayer[], compression: 'gzip' | 'zstd'): void {
  const layers = built.map(({ blob, annotations }) => {
    const descriptor = registry.blob(blob, `application/vnd.oci.image.layer.v1.tar+${compression}`);
    blobs.set(descriptor.digest, blob);
    return { ...descriptor, annotations };
  });
  const config = registry.blob(JSON.stringify(configOf(built.map(({ tar }) => ({ tar, createdBy: 'RUN make' })))));
  registry.manifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }, OCI_MANIFEST, '1');
}

type Scan = { readonly report: Report; readonly bytes: number; readonly ms: number; readonly requests: number };

async function scan(database: string, ...options: readonly string[]): Promise<Scan> {
  const [begin, sent, asked] = [performance.now(), registry.sentBytes, registry.requests.length];
  const path = join(folder, database);
  const { out, err } = await runClair(['scan', '-f', 'json', '--db', path, ...options, `${registry.domain}/app:1`]);
  expect(err).toBe('');
  const ms = performance.now() - begin;
  return { report: JSON.parse(out), bytes: registry.sentBytes - sent, ms, requests: registry.requests.length - asked };
}

const newDatabase = (): string => `${(databases += 1)}.db`;

/** Returns the report without the fields that differ between a partial and a whole reading. */
function comparable({ diagnostics, ...report }: Report): object {
  const equal = { createdAt: '', layersVerified: true, feeds: [] };
  return { ...report, ...equal, diagnostics: diagnostics.filter(({ code }) => !code.startsWith('layer-')) };
}

function codesOf({ diagnostics }: Report): readonly string[] {
  return diagnostics.filter(({ code }) => code.startsWith('layer-')).map(({ code }) => code);
}

describe('a scan with --partial-fetch', () => {
  it('of another registry changes nothing', async () => {
    push();
    const { report } = await scan(newDatabase(), '--partial-fetch', 'registry.example');
    expect([report.layersVerified, codesOf(report)]).toEqual([true, []]);
  });

  it('has the findings of a scan without it, and fetches a fraction of the bytes', async () => {
    push();
    const database = newDatabase();
    const part = await scan(database, '--partial-fetch', registry.domain);
    const whole = await scan(newDatabase());
    expect(part.report.packages.map(({ name }) => name).toSorted()).toEqual([
      'curl',
      'example.com/app',
      'example.org/one',
      'openssl',
      'stdlib',
    ]);
    expect(comparable(part.report)).toEqual(comparable(whole.report));
    expect([part.report.layersVerified, whole.report.layersVerified]).toEqual([false, true]);
    expect(part.bytes).toBeLessThan(whole.bytes / 10);
    const told = part.report.diagnostics.find(({ code }) => code === 'layer-read-in-part');
    expect(told?.message).toMatch(/^5 layers were read in part: \d+\.\d\d of \d+\.\d\d MB$/);
    // Clair stores the contents of partly read layers, but not as the contents of whole layers.
    expect((await scan(database, '--partial-fetch', registry.domain)).requests).toBe(2);
    const later = await scan(database);
    expect(later.report.layersVerified).toBe(true);
    expect(later.bytes).toBeGreaterThan(0.9 * whole.bytes);
    // Layers that are stored as a whole are not read in part.
    const last = await scan(database, '--partial-fetch', registry.domain);
    expect([last.report.layersVerified, last.requests]).toEqual([true, 2]);
    console.log(
      `partial fetch: ${part.bytes} of ${whole.bytes} bytes, ${part.requests} and ${whole.requests} requests, ` +
        `${part.ms.toFixed(0)} and ${whole.ms.toFixed(0)} ms`,
    );
  });

  it('reads whole layers from a registry without parts of blobs, asks once, and says so', async () => {
    push();
    const whole = await scan(newDatabase());
    let asked = 0;
    registry.intercept = ({ url = '', headers: { range } }, response) => {
      const content = blobs.get(/sha256:\w+$/.exec(url)?.[0] ?? '');
      if (range === undefined || content === undefined) return false;
      asked += 1;
      response.writeHead(200).end(content);
      return true;
    };
    const { report } = await scan(newDatabase(), '--partial-fetch', registry.domain);
    expect(comparable(report)).toEqual(comparable(whole.report));
    expect([report.layersVerified, codesOf(report)]).toEqual([true, ['layer-parts-refused']]);
    // Clair may request a part of each layer that it reads concurrently.
    expect(asked).toBeLessThan(5);
  });

  it.each(['gzip', 'zstd'] as const)(
    'with =any reads eStargz (%s) in part, and reports it as incomplete',
    async (format) => {
      pushLayers(
        TARS.map((tar) => stargz(tar, { format })),
        format,
      );
      const database = newDatabase();
      const refused = await scan(newDatabase(), '--partial-fetch', registry.domain);
      expect([refused.report.layersVerified, codesOf(refused.report)]).toEqual([true, ['layer-parts-refused']]);
      const part = await scan(database, '--partial-fetch', `${registry.domain}=any`);
      const whole = await scan(newDatabase());
      expect(comparable(part.report)).toEqual(comparable(whole.report));
      expect(codesOf(part.report)).toEqual(['layer-read-in-part', 'layer-parts-unproven']);
      expect(part.report.diagnostics.find(({ code }) => code === 'layer-parts-unproven')?.incomplete).toBe(true);
      expect(part.bytes).toBeLessThan(whole.bytes / 5);
      // The whole layers take precedence once they are stored.
      expect(codesOf((await scan(database)).report)).toEqual([]);
      expect(codesOf((await scan(database, '--partial-fetch', `${registry.domain}=any`)).report)).toEqual([]);
      console.log(
        `partial fetch of eStargz (${format}): ${part.bytes} of ${whole.bytes} bytes, ${part.requests} and ` +
          `${whole.requests} requests, ${part.ms.toFixed(0)} and ${whole.ms.toFixed(0)} ms`,
      );
    },
  );
});
