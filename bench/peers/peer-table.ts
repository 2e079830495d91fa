import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counts, Peer, Scan } from './peer.ts';
import { measuredRun, type ProgramRun } from './measured-program.ts';

/** The runs of a scanner, or the reason why the scanner did not run. */
export type PeerResult =
  | { readonly name: string; readonly runs: readonly ProgramRun[]; readonly counts: Counts }
  | { readonly name: string; readonly failure: string };

/** How often to scan the image, and whether scanners may use their stored results of the image. */
export type Rounds = { readonly rounds: number; readonly again: boolean };

/**
 * Runs the scanners alternately, so that a change in the machine's load affects all of them. A failed scanner is not
 * run again. With `again`, the first scan only fills the caches and is not measured; otherwise each scan is a first
 * scan.
 */
export async function runPeers(
  peers: readonly Peer[],
  image: string,
  { rounds, again }: Rounds,
): Promise<readonly PeerResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-peers-'));
  try {
    const firstIn = again ? undefined : folder;
    const results = new Map<Peer, PeerResult>();
    for (let round = again ? -1 : 0; round < rounds; round += 1) {
      for (const peer of peers) {
        const before = results.get(peer);
        if (before !== undefined && 'failure' in before) continue;
        results.set(peer, await runOnce(peer, { image, firstIn }, round > 0 ? (before?.runs ?? []) : []));
      }
    }
    return [...results.values()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOnce(peer: Peer, scan: Scan, before: readonly ProgramRun[]): Promise<PeerResult> {
  const { name, program = '', args, environment, accepted, count } = peer;
  const run = await measuredRun(program, args(scan), environment);
  if (!accepted.includes(run.status)) {
    const lastLine = run.err.trim().split('\n').at(-1) ?? '';
    return { name, failure: `exit status ${run.status}: ${lastLine}` };
  }
  try {
    // Only the counts of the output are needed.
    const runs = [...before, { ...run, out: '', err: '' }];
    return { name, runs, counts: count(JSON.parse(run.out)) };
  } catch {
    return { name, failure: 'it printed no JSON' };
  }
}

const COLUMNS = ['', 'seconds', 'CPU seconds', 'memory', 'packages', 'findings'] as const;

/** Returns the results as a Markdown table: median times, peak memory, and the failures below the table. */
export function peerTable(results: readonly PeerResult[]): string {
  const rows = results.flatMap((each) => ('failure' in each ? [] : [rowOf(each)]));
  const widths = COLUMNS.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |\n`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |\n`;
  const failures = results.flatMap((each) => ('failure' in each ? [`${each.name} failed: ${each.failure}\n`] : []));
  return `${line(COLUMNS)}${rule}${rows.map(line).join('')}${failures.join('')}`;
}

function rowOf({ name, runs, counts }: Extract<PeerResult, { runs: unknown }>): readonly string[] {
  const peaks = runs.flatMap(({ megabytes }) => megabytes ?? []);
  return [
    name,
    median(runs.map(({ seconds }) => seconds)).toFixed(2),
    median(runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
    peaks.length === 0 ? '–' : `${Math.max(...peaks).toFixed(0)} MB`,
    countText(counts.packages),
    countText(counts.findings),
  ];
}

function countText(count: number | null): string {
  return count === null ? '–' : String(count);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
