import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type autocannon from 'autocannon';
import { startClair } from './api/clair-process.ts';
import { copyFeedDatabase } from './api/feed-database.ts';
import { LARGE_LAYER } from './api/large-layer.ts';
import { sendDuring } from './api/requests.ts';
import type { Course } from './figure.ts';
import { sized } from './size.ts';

/**
 * The number of requests per second. Reads alternate between two API routes; one request in 20 is a manual edit, which
 * invalidates the response cache.
 */
const REQUESTS_A_SECOND = 100;
const READS_AN_EDIT = 19;

const NAMESPACE = 'ubuntu:18.04';
const VULNERABILITIES = `/v1/namespaces/${NAMESPACE}/vulnerabilities`;
const VULNERABILITY = 'EDITED-BY-HAND';

const WARM_UP_MS = sized(20_000, 200);

const SAMPLES = 12;

/** Measures the memory of a server under load, for one minute by default (`--minutes`). */
export const memoryUnderLoad: Course = {
  title: `resident memory of the server under ${REQUESTS_A_SECOND} requests a second`,
  prepare: async (folder) => await copyFeedDatabase('all', join(folder, 'subject.db')),
  async observe(folder, minutes) {
    const database = join(folder, 'subject.db');
    const server = await startClair(['--no-updates'], { database, log: join(folder, 'server.log') });
    const samples: number[] = [];
    try {
      const body = vulnerabilityBody('new');
      const headers = { 'content-type': 'application/json' };
      const made = await fetch(`${server.url}${VULNERABILITIES}`, { method: 'POST', headers, body });
      if (!made.ok) throw new Error(`no vulnerability was created: ${await made.text()}`);
      const sampled = (async () => {
        await setTimeout(WARM_UP_MS);
        for (let at = 0; at <= SAMPLES; at += 1) {
          if (at > 0) await setTimeout((sized(minutes, 0.02) * 60_000) / SAMPLES);
          samples.push(residentMegabytes(server.pid));
        }
      })();
      const { requests } = await sendDuring(
        { url: server.url, overallRate: REQUESTS_A_SECOND, requests: requestsOf(LARGE_LAYER) },
        sampled,
      );
      const at = (share: number): string => (samples[Math.round(share * SAMPLES)] ?? 0).toFixed(0);
      return [
        `${at(0)} MB at first, ${at(0.5)} MB in the middle, ${at(1)} MB at the end of ${minutes} minutes; peak ${Math.max(...samples).toFixed(0)} MB`,
        `${requests.total} requests, 1 in ${READS_AN_EDIT + 1} a manual edit`,
      ];
    } finally {
      await server.stop();
    }
  },
};

/** Each edit differs from the previous edit, because Clair does not write an unchanged vulnerability. */
function requestsOf(layer: string): autocannon.Request[] {
  const reads = [
    `/v1/layers/${layer}?vulnerabilities`,
    `/v1/layers/${layer}/vulnerabilities?minimumPriority=Unknown`,
  ] as const;
  let edits = 0;
  const edit: autocannon.Request = {
    method: 'PUT',
    path: `${VULNERABILITIES}/${VULNERABILITY}`,
    headers: { 'content-type': 'application/json' },
    setupRequest(request) {
      edits += 1;
      return { ...request, body: vulnerabilityBody(`edit ${edits}`) };
    },
  };
  return [...Array.from({ length: READS_AN_EDIT }, (_, at) => ({ path: reads[at % 2] ?? reads[0] })), edit];
}

function vulnerabilityBody(description: string): string {
  const Vulnerability = { Name: VULNERABILITY, NamespaceName: NAMESPACE, Description: description, Severity: 'Low' };
  return JSON.stringify({ Vulnerability });
}

function residentMegabytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}
