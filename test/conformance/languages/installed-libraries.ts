import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Diagnostic } from '../../../src/model/report/diagnostic.ts';
import type { Detector, FeatureMark } from '../../../src/worker/detectors/detector.ts';
import { readLayer } from '../../../src/worker/layer/layer-reader.ts';
import { initialState, nextState } from '../../../src/worker/layer/layer-state.ts';

const OUTPUT = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 } as const;

export type InstalledLibraries = {
  /** The libraries as `NAME VERSION PATH`, with flags after the path, in order. */
  readonly libraries: readonly string[];
  readonly marks: readonly FeatureMark[];
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Downloads Debian packages with apt and unpacks them, without maintainer scripts.
 *
 * @param folder an empty directory; the packages go to `debs`, their files to `files`
 * @returns the directory of the files
 */
export function unpackedPackages(folder: string, ...packages: readonly string[]): string {
  const [debs, files] = [join(folder, 'debs'), join(folder, 'files')];
  mkdirSync(debs);
  const { status, stderr } = spawnSync('apt-get', ['download', '-q', ...packages], { ...OUTPUT, cwd: debs });
  expect(status, `apt-get download failed; run apt-get update: ${stderr}`).toBe(0);
  const downloaded = readdirSync(debs);
  expect(downloaded).toHaveLength(packages.length);
  for (const name of downloaded) execFileSync('dpkg-deb', ['-x', join(debs, name), files]);
  return files;
}

/** Reads a directory as the only layer of an image. */
export async function librariesIn(directory: string, detector: Detector): Promise<InstalledLibraries> {
  const tar = spawn('tar', ['-c', '-C', directory, '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(tar, 'close');
  const { contents } = await readLayer({ where: directory, open: async () => tar.stdout }, [detector]);
  expect(await closed).toEqual([0, null]);
  const { features, diagnostics } = nextState(initialState(), contents, [detector]).conclusion;
  const libraries = [...features.values()].map(({ feature, path }) => {
    const flags = 'flags' in feature ? (feature.flags ?? []) : [];
    return [feature.name, feature.version, path, ...flags].join(' ');
  });
  const marks = contents.entries.flatMap((entry) => {
    return entry.kind === 'file' ? Object.values(entry.byDetector ?? {}).flatMap((facts) => facts.marks ?? []) : [];
  });
  const own = diagnostics.filter(({ code }) => code.startsWith('library-'));
  return { libraries: libraries.toSorted(), marks, diagnostics: own };
}
