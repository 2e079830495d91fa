import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { composeClair } from '../src/compose/clair.ts';
import type { HttpClient } from '../src/bytes/http/client.ts';
import { layerAt } from '../src/worker/sources/layer-location.ts';
import { tarOf } from '../src/bytes/testing/tar-builder.ts';
import { startClair } from './api/clair-process.ts';
import { copyFeedDatabase } from './api/feed-database.ts';
import { sendRequests } from './api/requests.ts';
import { type Figure, type Run, timed, type Work } from './figure.ts';
import { sized } from './size.ts';

const LAYERS = sized(1000, 8);

const PAIRS = 3;

const HTTP: HttpClient = { get: noNetwork, close: async () => undefined };

/** Submits small layers over several connections, as clients do when they first index a registry. */
export const layerSubmissions: Figure = {
  title: `submissions of ${LAYERS} small layers by path, each with one package of its own`,
  against: 'the worker alone, without HTTP and threads, one layer after the other',
  pairs: PAIRS,
  async prepare(folder) {
    await copyFeedDatabase('all', join(folder, 'model.db'));
    await mkdir(join(folder, 'layers'));
    for (let at = 0; at < LAYERS; at += 1) {
      const status = `Package: bash\nStatus: install ok installed\nVersion: 4.4-${at}\nArchitecture: amd64\n\n`;
      const release = 'ID=ubuntu\nVERSION_ID="18.04"\n';
      const archive = tarOf(
        { name: 'etc/os-release', content: release },
        { name: 'var/lib/dpkg/status', content: status },
      );
      writeFileSync(pathOf(folder, at), archive);
    }
  },
  async subject(folder) {
    const database = join(folder, 'subject.db');
    await copyFeedDatabase('all', database);
    const server = await startClair(['--no-updates', '--allow-path', folder], {
      database,
      log: join(folder, 'server.log'),
    });
    try {
      return await timed(() => submitAll(server.url, folder));
    } finally {
      await server.stop();
    }
  },
  async reference(folder) {
    const path = join(folder, 'reference.db');
    await copyFeedDatabase('all', path);
    const clair = await composeClair({ type: 'sqlite', path });
    try {
      return await analyseAll(clair.worker.analyzeLayer, folder);
    } finally {
      await clair.close();
    }
  },
};

async function submitAll(url: string, folder: string): Promise<Work> {
  let next = 0;
  const { latency } = await sendRequests({
    url: `${url}/v1/layers`,
    amount: LAYERS,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        setupRequest(request) {
          const at = next % LAYERS;
          next += 1;
          const layer = { Name: `small-${at}`, Path: pathOf(folder, at), Format: 'Docker' };
          return { ...request, body: JSON.stringify({ Layer: layer }) };
        },
      },
    ],
  });
  return { what: `p50 ${latency.p50} ms, p99 ${latency.p99} ms`, amount: { count: LAYERS, unit: 'layers' } };
}

async function analyseAll(
  analyze: Awaited<ReturnType<typeof composeClair>>['worker']['analyzeLayer'],
  folder: string,
): Promise<Run> {
  return await timed(async () => {
    for (let at = 0; at < LAYERS; at += 1) {
      const source = await layerAt(pathOf(folder, at), { http: HTTP, allowedPaths: [folder], headers: {} });
      await analyze({ name: `small-${at}`, parent: null, source });
    }
    return { what: 'one after the other', amount: { count: LAYERS, unit: 'layers' } };
  });
}

function pathOf(folder: string, at: number): string {
  return join(folder, 'layers', `${at}.tar`);
}

function noNetwork(): never {
  throw new Error('this bench sends no HTTP requests');
}
