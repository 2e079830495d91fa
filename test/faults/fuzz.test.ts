import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Diagnostic } from '../../src/model/report/diagnostic.ts';
import { corpusOf, type Sample } from './fuzz/corpus.ts';
import { mutate } from './fuzz/mutations.ts';
import { complaintOf, type Outcome, outcomeOf } from './fuzz/outcome.ts';
import { randomOf } from './fuzz/random.ts';
import { headersOf } from './fuzz/tar-mutations.ts';
import { fuzz } from './fuzz/watch.ts';
import { runCount } from '../fixtures/run-count.ts';

/** The number of cases. `npm run fuzz` tests more cases; a failure that it finds becomes a test beside the code. */
const CASES = runCount(2000, 250);

let folder = '';
let corpus: readonly Sample[];
beforeAll(async () => {
  corpus = await corpusOf();
  folder = await mkdtemp(join(tmpdir(), 'clair-fuzz-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SAMPLE: Sample = { name: 'x', bytes: Buffer.from('x'), form: 'layer', wrap: (bytes) => bytes, sealed: false };
const SEALED: Sample = { ...SAMPLE, sealed: true };

describe('mutated archives and databases', () => {
  it('are read or rejected within time and memory limits, and missing packages are always reported', async () => {
    const { findings, outcomes } = await fuzz({ seed: 1, cases: [0, CASES], processes: 1 });
    expect(findings).toEqual([]);
    const counted = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(CASES);
    for (const outcome of ['layer with packages', 'layer without packages', 'image with packages']) {
      expect(outcomes[outcome]).toBeGreaterThan(0);
    }
  }, 300_000);
});

describe('the samples', () => {
  it('that are sealed have packages, and the unchanged samples are readable', async () => {
    for (const sample of corpus) {
      const outcome = await outcomeOf(sample, sample.wrap(sample.bytes), join(folder, 'image'));
      const { name, sealed } = sample;
      expect([name, outcome]).toEqual([name, expect.objectContaining({ kind: 'read' })]);
      expect([name, complaintOf(sample, outcome, outcome)]).toEqual([name, undefined]);
      const lacksPackages = sealed && outcome.kind === 'read' && outcome.packages === 0;
      expect([name, lacksPackages]).toEqual([name, false]);
    }
  });
});

describe('a case', () => {
  it('is reproducible from its seed and number', () => {
    for (const { bytes } of corpus) {
      const [one, two] = [mutate(bytes, bytes, randomOf(3, 7)), mutate(bytes, bytes, randomOf(3, 7))];
      expect(one.steps).toEqual(two.steps);
      // toEqual compares large buffers byte by byte, slowly.
      expect(one.bytes.equals(two.bytes)).toBe(true);
    }
  });

  it('differs for another number, and leaves the sample unchanged', () => {
    const bytes = Buffer.alloc(1000, 'a');
    const all = Array.from({ length: 50 }, (_, number) => mutate(bytes, bytes, randomOf(3, number)).bytes.toString());
    expect(new Set(all).size).toBeGreaterThan(40);
    expect(bytes.equals(Buffer.alloc(1000, 'a'))).toBe(true);
  });

  it('with changed tar headers has valid checksums', () => {
    const tar = corpus.find(({ name }) => name === 'tar')?.bytes ?? Buffer.alloc(0);
    const steps = Array.from({ length: 200 }, (_, number) => mutate(tar, tar, randomOf(1, number)));
    const onlyHeaders = steps.filter(({ steps: all }) => all.every((step) => step.includes('of the header')));
    expect(onlyHeaders.length).toBeGreaterThan(20);
    for (const { bytes } of onlyHeaders) expect(headersOf(bytes)).toHaveLength(headersOf(tar).length);
  });
});

describe('the oracle', () => {
  const missing: Diagnostic = { code: 'package-database-missing', message: 'none', where: 'x' };
  const harmless: Diagnostic = { code: 'entries-outside-root', message: 'some', where: 'x' };
  const read = (packages: number, ...diagnostics: Diagnostic[]): Outcome => ({ kind: 'read', packages, diagnostics });

  it.each<[string, Sample, Outcome, string | undefined]>([
    ['an error', SEALED, { kind: 'refused', code: 'bytes/corrupt' }, undefined],
    ['all packages', SEALED, read(3), undefined],
    ['fewer packages with a diagnostic', SEALED, read(2, missing), undefined],
    ['fewer packages', SEALED, read(2), '2 of 3 packages, and no diagnostic that says so'],
    [
      'fewer packages with a harmless diagnostic',
      SEALED,
      read(2, harmless),
      '2 of 3 packages, and no diagnostic that says so',
    ],
    ['fewer packages in an unsealed sample', SAMPLE, read(2), undefined],
    ['no packages with a diagnostic', SAMPLE, read(0, missing), undefined],
    ['none', SAMPLE, read(0), 'no packages, and no diagnostic that says so'],
  ])('evaluates %s', (_, sample, outcome, complaint) => {
    expect(complaintOf(sample, read(3), outcome)).toBe(complaint);
  });
});

describe('the watcher', () => {
  it.each([
    ['hangs', 'for (;;);', 'it hung, and was killed'],
    ['never ends', 'await new Promise(() => setInterval(() => {}, 1000));', 'it hung, and was killed'],
    ['waits for nothing', 'await new Promise(() => {});', 'its process died: exit status 13'],
    ['throws', 'throw new Error("planted");', 'its process died: exit status 1'],
    ['is killed', 'process.kill(process.pid, "SIGSEGV"); await new Promise(() => {});', 'its process died: SIGSEGV'],
    ['takes too much memory', 'megabytes = 1025;', 'its process took 1025 MB, and was killed'],
  ])('reports which case %s, and continues after it', async (_, fault, what) => {
    const script = join(folder, 'planted.mjs');
    writeFileSync(
      script,
      `let megabytes = 100;
       const [, from, to] = process.argv.slice(2).map(Number);
       for (let number = from; number < to; number += 1) {
         process.stdout.write(JSON.stringify({ kind: 'case', number, megabytes }) + '\\n');
         if (number === 4) { ${fault} }
       }
       process.stdout.write(JSON.stringify({ kind: 'end', outcomes: { done: to - from }, megabytes }) + '\\n');`,
    );
    const report = await fuzz({ seed: 1, cases: [0, 8], processes: 1, maxMilliseconds: 1500, script });
    expect(report).toEqual({ findings: [{ kind: 'finding', number: 4, what }], outcomes: { done: 3 } });
  });

  it('stops when no case runs', async () => {
    const script = join(folder, 'none.mjs');
    writeFileSync(script, 'process.exitCode = 7;');
    await expect(fuzz({ seed: 1, cases: [0, 8], processes: 1, script })).rejects.toThrow(
      'before its first case its process died: exit status 7',
    );
  });
});
