import { beforeAll, describe, expect, it } from 'vitest';
import { migratedPostgresSource } from '../../../src/database/testing/stores.ts';
import { CLAIR_FILE } from '../../fixtures/clair-program.ts';
import { runCount } from '../../fixtures/run-count.ts';
import { type LoadResult, runLoad } from './load-run.ts';
import { repeatedDownloads } from './slow-registry.ts';

/** Harbor aborts after 5 s; the metadata must take less than 1 s. */
const MAX_METADATA_MS = 1000;

function summary({ ends, manifests, downloads, refused, milliseconds, metadata }: LoadResult): string {
  const broken = ends.filter((end) => 'failure' in end).length;
  const tries = manifests.map(Number).filter((each) => each > 1);
  const sorted = metadata.toSorted((one, other) => one - other);
  const at = (part: number): string => `${Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0)} ms`;
  return [
    `${ends.length} scans (${broken} failed) and ${manifests.length} manifests (tries above 1: ${tries.join(' ') || 'none'})`,
    `in ${Math.round(milliseconds / 1000)} s, ${downloads.length} downloads, ${refused} requests with an ended login;`,
    `${metadata.length} requests for metadata: median ${at(0.5)}, p99 ${at(0.99)}, slowest ${at(1)}`,
  ].join(' ');
}

const isLong = runCount(1, 0) === 1;

let result: LoadResult;
beforeAll(async () => {
  const pause = runCount(20_000, 5000);
  result = await runLoad({
    jobs: runCount(500, 60),
    images: runCount(400, 40),
    manifests: runCount(50, 10),
    quayWorkers: 5,
    kills: Array.from({ length: runCount(5, 2) }, (_, at) => pause * (at + 1)),
    download: [runCount(500, 100), runCount(2500, 1500)],
    threads: runCount(4, 1),
    isTimed: isLong,
    program: [CLAIR_FILE],
    source: migratedPostgresSource(),
  });
  console.log(summary(result));
}, 900_000);

describe('two instances with one database, one of which is killed from time to time', () => {
  it('end every Harbor scan with its report', () => {
    const ends = [...new Set(result.ends.map((end) => JSON.stringify(end)))];
    expect(ends).toEqual([expect.stringMatching(/^\{"vulnerabilities":[1-9]\d*\}$/)]);
  });

  it('index every Quay manifest', () => {
    expect(result.manifests.filter((tries) => typeof tries === 'string')).toEqual([]);
  });

  it('never read a layer twice, at the same time or later', () => {
    expect(repeatedDownloads(result.downloads, result.kills)).toEqual([]);
  });

  it('leave no scan, no login and no lease behind', () => {
    expect(result.left).toEqual([]);
  });

  it('log no errors', () => {
    expect(result.logged).toEqual([]);
  });

  it.runIf(isLong)('respond to 99 of 100 requests for metadata within a second', () => {
    const sorted = result.metadata.toSorted((one, other) => one - other);
    expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(MAX_METADATA_MS);
  });
});
