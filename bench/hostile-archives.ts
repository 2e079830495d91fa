import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CLAIR, type ServerProcess, startServer } from './api/clair-process.ts';
import type { Course } from './figure.ts';
import { fuzzCorpus, HOSTILE_ARCHIVES, type HostileArchive, SOURCE } from './hostile/archives.ts';
import { sized } from './size.ts';

const MONITOR = pathToFileURL(fileURLToPath(new URL('hostile/loop-monitor.mjs', import.meta.url))).href;

const MAX_BLOCKED_MS = 100;
const MAX_MEGABYTES = 1024;

const PATIENCE_MS = 15 * 60_000;
const POLL_MS = 200;

const VULNERABILITIES = 20;

const QUESTIONS = [
  '',
  '/report',
  '/report?format=cyclonedx',
  '/report?format=html',
  '/report?format=junit',
  '/graph',
  '/changes?since=2020-01-01',
];

/**
 * Sends hostile archives to a server with default settings, requests all data about the results, and reports how long
 * the event loop is blocked, the peak memory and the outcomes.
 */
export const hostileArchives: Course = {
  title: `hostile archives (aims: event loop blocked for at most ${MAX_BLOCKED_MS} ms, at most ${MAX_MEGABYTES} MB of memory)`,
  prepare: async () => {},
  async observe(folder) {
    const lines: string[] = [];
    for (const [index, archive] of HOSTILE_ARCHIVES.slice(0, sized(HOSTILE_ARCHIVES.length, 1)).entries()) {
      const watched = await watchedServer(join(folder, String(index)));
      try {
        await makeVulnerabilities(watched.server.url);
        lines.push(lineOf(archive.name, await observed(watched, [archive])));
      } finally {
        await watched.server.stop();
      }
    }
    const watched = await watchedServer(join(folder, 'corpus'));
    try {
      const corpus = (await fuzzCorpus()).slice(0, sized(Number.POSITIVE_INFINITY, 2));
      lines.push(
        lineOf(`the ${corpus.length} seeds of the fuzzer, one after the other`, await observed(watched, corpus)),
      );
    } finally {
      await watched.server.stop();
    }
    return lines;
  },
};

type WatchedServer = { readonly server: ServerProcess; readonly notes: string };

async function watchedServer(prefix: string): Promise<WatchedServer> {
  const notes = `${prefix}.loop`;
  writeFileSync(notes, '');
  const args = ['--import', MONITOR, CLAIR, 'serve', '--db', `${prefix}.db`, '--port', '0'];
  const server = await startServer([...args, '--no-health-port', '--no-updates'], `${prefix}.log`, {
    LOOP_MONITOR_FILE: notes,
  });
  return { server, notes };
}

type Observation = {
  readonly seconds: number;
  /** The longest turn of the event loop. */
  readonly blockedMs: number;
  /** The highest processor time of a turn. */
  readonly processorMs: number;
  readonly megabytes: number;
  readonly outcomes: ReadonlyMap<string, number>;
};

async function observed({ server, notes }: WatchedServer, archives: readonly HostileArchive[]): Promise<Observation> {
  const outcomes = new Map<string, number>();
  const note = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const bodies = [];
  for (const { bytes } of archives) bodies.push(await bytes());
  const start = performance.now();
  const since = Date.now();
  for (const body of bodies) {
    const { outcome, images } = await submitted(server.url, body);
    note(outcome);
    for (const digest of images) {
      for (const question of QUESTIONS)
        note(`${question === '' ? 'image' : question} ${await asked(server.url, digest, question)}`);
    }
    if (images.length > 0) note(`counts ${await countStateOf(server.url, images[0] ?? '')}`);
  }
  const seconds = (performance.now() - start) / 1000;
  const turns = readFileSync(notes, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  const held = turns.map((line) => line.split(' ').map(Number)).filter(([at = 0]) => at >= since);
  return {
    seconds,
    blockedMs: Math.max(0, ...held.map(([, wall = 0]) => wall)),
    processorMs: Math.max(0, ...held.map(([, , processor = 0]) => processor)),
    megabytes: peakMegabytes(server.pid),
    outcomes,
  };
}

function lineOf(name: string, { seconds, blockedMs, processorMs, megabytes, outcomes }: Observation): string {
  const isKept = processorMs <= MAX_BLOCKED_MS && megabytes <= MAX_MEGABYTES;
  const came = [...outcomes].map(([outcome, count]) => (count === 1 ? outcome : `${count} × ${outcome}`)).join(', ');
  const blocked = `blocked ${processorMs.toFixed(0)} ms (${blockedMs.toFixed(0)} ms with other processes)`;
  return `${isKept ? 'kept  ' : 'MISSED'} ${name}: ${blocked}, ${megabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s; ${came}`;
}

type SubmissionAnswer = { readonly images: readonly string[]; readonly error: { readonly code: string } | null };

async function submitted(
  url: string,
  body: Buffer,
): Promise<{ readonly outcome: string; readonly images: readonly string[] }> {
  const headers = { 'content-type': 'application/x-tar' };
  const response = await fetch(`${url}/v2/images`, { method: 'POST', headers, body: new Uint8Array(body) });
  if (!response.ok) return { outcome: `refused with ${response.status}`, images: [] };
  const { submission } = (await response.json()) as { submission: { id: string } };
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const answer = await fetch(`${url}/v2/submissions/${submission.id}`);
    const now = (await answer.json()) as SubmissionAnswer;
    if (now.error !== null) return { outcome: now.error.code, images: [] };
    if (now.images.length > 0) return { outcome: 'analysed', images: now.images };
    await setTimeout(POLL_MS);
  }
  return { outcome: `not finished after ${PATIENCE_MS / 60_000} minutes`, images: [] };
}

async function asked(url: string, digest: string, question: string): Promise<string> {
  const { status, bytes } = await drained(`${url}/v2/images/${digest}${question}`);
  return status === 200 ? `${(bytes / 1e6).toFixed(1)} MB` : String(status);
}

async function countStateOf(url: string, digest: string): Promise<string> {
  const response = await fetch(`${url}/v2/images`);
  const { images } = (await response.json()) as { images: readonly { digest: string; countState: string }[] };
  return images.find((image) => image.digest === digest)?.countState ?? 'missing';
}

async function drained(url: string): Promise<{ readonly status: number; readonly bytes: number }> {
  const response = await fetch(url);
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  return { status: response.status, bytes };
}

async function makeVulnerabilities(url: string): Promise<void> {
  for (let index = 0; index < VULNERABILITIES; index += 1) {
    const Vulnerability = {
      Name: `CVE-2026-${10_000 + index}`,
      Severity: 'High',
      Description: 'x'.repeat(500),
      FixedIn: [{ Name: SOURCE, NamespaceName: 'debian:12', VersionFormat: 'dpkg', Version: '999' }],
    };
    const response = await fetch(`${url}/v1/namespaces/debian:12/vulnerabilities`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ Vulnerability }),
    });
    if (!response.ok) throw new Error(`no vulnerability was created: ${response.status} ${await response.text()}`);
  }
}

function peakMegabytes(pid: number): number {
  const path = `/proc/${pid}/status`;
  const peak = existsSync(path) ? /VmHWM:\s*(\d+) kB/.exec(readFileSync(path, 'utf8'))?.[1] : undefined;
  return peak === undefined ? Number.NaN : Number(peak) / 1024;
}
