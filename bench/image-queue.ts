import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startRegistryServer } from '../src/worker/testing/registry-server.ts';
import { tarOf } from '../src/bytes/testing/tar-builder.ts';
import { startClair } from './api/clair-process.ts';
import type { Course } from './figure.ts';
import { sized } from './size.ts';

const IMAGES = sized(500, 5);

const AIM_SECONDS = 15;

const POLL_MS = 50;

/** Submits many tiny images of one registry at once, and waits until the queue is empty. */
export const imageQueue: Course = {
  title: `${IMAGES} tiny images from a registry, submitted at once (aim: less than ${AIM_SECONDS} s until all are analysed)`,
  prepare: async () => {},
  async observe(folder) {
    const registry = await startRegistryServer();
    for (let at = 0; at < IMAGES; at += 1) {
      const status = `Package: p${at}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n`;
      const tar = tarOf(
        { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\n' },
        { name: 'var/lib/dpkg/status', content: status },
      );
      registry.image([{ tar, createdBy: 'COPY . .' }], { tag: `${at}` });
    }
    const server = await startClair(['--no-updates', '--allow-host', '127.0.0.1'], {
      database: join(folder, 'clair.db'),
      log: join(folder, 'server.log'),
    });
    try {
      const start = performance.now();
      const ids = await submitAll(server.url, registry.domain);
      const submitted = seconds(start);
      const states = await statesOf(server.url, ids);
      const failed = states.filter((state) => state !== 'done').length;
      return [`${seconds(start)} s, of which ${submitted} s to submit them; ${failed} failed`];
    } finally {
      await server.stop();
      await registry.close();
    }
  },
};

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}

async function submitAll(url: string, domain: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let at = 0; at < IMAGES; at += 1) {
    const body = JSON.stringify({ reference: `${domain}/tiny:${at}` });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/v2/images`, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(`submission ${at} was refused: ${response.status} ${await response.text()}`);
    const { submission } = (await response.json()) as { submission: { id: string } };
    ids.push(submission.id);
  }
  return ids;
}

/**
 * Returns the final state of each submission. Submissions start in order, so polling them in order takes few requests.
 */
async function statesOf(url: string, ids: readonly string[]): Promise<readonly string[]> {
  const states: string[] = [];
  for (const id of ids) {
    for (;;) {
      const answer = (await (await fetch(`${url}/v2/submissions/${id}`)).json()) as { state: string };
      if (answer.state === 'done' || answer.state === 'failed') {
        states.push(answer.state);
        break;
      }
      await setTimeout(POLL_MS);
    }
  }
  return states;
}
