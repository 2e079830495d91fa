import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLAIR_FILE } from '../fixtures/clair-program.ts';
import { buildDockerArchive, buildLayer } from '../../src/worker/testing/image-builder.ts';

/** A report of 50,000 findings, which occupies the event loop most of the time. */
const PACKAGES = 5000;
const VULNERABILITIES = 10;

const ATTEMPTS = 15;

const folder = mkdtempSync(join(tmpdir(), 'clair-interrupted-report-'));
const database = join(folder, 'clair.db');
const archive = join(folder, 'image.tar');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const releases = { bookworm: { status: 'open', repositories: { bookworm: '1' }, urgency: 'high' } };
  const records = Array.from({ length: VULNERABILITIES }, (_, index) => [
    `CVE-2099-${1000 + index}`,
    { scope: 'remote', releases },
  ]);
  const feed = join(folder, 'debian.json');
  writeFileSync(feed, JSON.stringify({ linux: Object.fromEntries(records) }));
  const stanza = (index: number): string =>
    `Package: p${index}\nStatus: install ok installed\nSource: linux\nArchitecture: amd64\nVersion: 1\n`;
  const tar = await buildLayer({
    'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
    'var/lib/dpkg/status': Array.from({ length: PACKAGES }, (_, index) => stanza(index)).join('\n'),
  });
  writeFileSync(archive, await buildDockerArchive([{ tar, createdBy: 'COPY . .' }], 'test:1'));
  expect(await clair('update', '--feed', 'debian', '--from', feed)).toMatchObject({ code: 0 });
  // After this scan, the layer is stored, and further scans only compute the report.
  expect(await clair('scan', archive)).toMatchObject({ signal: null });
}, 120_000);

type Ended = { readonly code: number | null; readonly signal: string | null };

async function clair(...args: readonly string[]): Promise<Ended> {
  return await interrupted(args);
}

/** Runs Clair, sends SIGINT after `after` milliseconds, and returns the exit code or signal of the process. */
async function interrupted(args: readonly string[], after?: number): Promise<Ended> {
  const child = spawn(execPath, [CLAIR_FILE, ...args, '--db', database], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  if (after !== undefined) {
    await setTimeout(after);
    child.kill('SIGINT');
  }
  const [code, signal] = await ended;
  return { code, signal };
}

it('a report that takes seconds to compute stops on Ctrl-C at any time', async () => {
  const start = performance.now();
  expect(await clair('scan', archive, '--format', 'json')).toEqual({ code: 0, signal: null });
  // Other work on the machine makes runs faster or slower, so the end of each run determines when to send the next
  // signal.
  let time = (performance.now() - start) / 2;
  const outcomes: Ended[] = [];
  while (outcomes.length < ATTEMPTS && outcomes.at(-1)?.signal !== 'SIGINT') {
    const outcome = await interrupted(['scan', archive, '--format', 'json'], time);
    outcomes.push(outcome);
    time *= outcome.code === 0 ? 0.8 : 1.1;
  }
  // A signal before the computation makes the command exit with status 130; a signal after the computation comes too
  // late.
  expect(outcomes.slice(0, -1).filter(({ code }) => code !== 130 && code !== 0)).toEqual([]);
  expect(outcomes.at(-1)).toEqual({ code: null, signal: 'SIGINT' });
}, 120_000);
