import { createHash } from 'node:crypto';
import type { ChunkedBytes } from '../../bytes/chunks/chunked-bytes.ts';
import type { TarWish } from '../../bytes/tar/entry.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { dependsOnLayer, type Detector, type FileFacts } from '../detectors/detector.ts';
import type { LayerEntry } from './layer-contents.ts';
import { withVersionDiagnostics } from './features/version-diagnostics.ts';
import type { LayerLimits } from './limits.ts';
import { charactersOf } from './tree/tree-nodes.ts';

export type Readings = ReadonlyMap<Detector, FileFacts>;

/** Returns the form of a file's content that these detectors read: in chunks or in one piece. */
export function wishOfAll(detectors: readonly Detector[]): TarWish {
  return detectors.every(({ readChunks }) => readChunks !== undefined) ? 'chunks' : true;
}

/**
 * Reads a file with a detector. Release files are short and every report contains their values, so a large release file
 * is rejected.
 *
 * @param check receives the approximate JSON length of the facts before they are copied, and throws if it is too large:
 *   the copy cannot be interrupted and could exhaust the memory of the thread
 */
export function readingOf(
  detector: Detector,
  path: string,
  bytes: ChunkedBytes,
  { maxReleaseFileBytes }: Pick<LayerLimits, 'maxReleaseFileBytes'>,
  check: (characters: number) => void,
): FileFacts {
  if (detector.kind === 'os' && bytes.length > maxReleaseFileBytes) {
    const message = `${path} exceeds ${maxReleaseFileBytes} bytes, so it was not read as a release file`;
    return { diagnostics: [{ code: 'release-file-unreadable', message, where: path }] };
  }
  return checkedFacts(path, withContent(factsOf(detector, path, bytes), bytes), check);
}

/** Opens a file that all these detectors read while it arrives; undefined if a detector reads it as a whole. */
export function openStreams(
  detectors: readonly Detector[],
  { path, size }: { readonly path: string; readonly size: number },
  check: (characters: number) => void,
): { readonly write: (bytes: Buffer) => void; readonly end: () => Readings } | undefined {
  const isStreamed = detectors.every(({ stream }) => stream !== undefined && size > stream.aboveBytes);
  if (detectors.length === 0 || !isStreamed) return undefined;
  const open = detectors.flatMap((detector) => {
    return detector.stream === undefined ? [] : [{ detector, stream: detector.stream.open(path) }];
  });
  return {
    write(bytes) {
      for (const { stream } of open) stream.write(bytes);
    },
    end: () => new Map(open.map(({ detector, stream }) => [detector, checkedFacts(path, stream.end(), check)])),
  };
}

function checkedFacts(path: string, read: FileFacts, check: (characters: number) => void): FileFacts {
  // Most programs contain no libraries; a program's own facts are short and retain no text of the file.
  if (isSilent(read) || isOnlyExecutable(read)) return read;
  const facts = withVersionDiagnostics(path, read);
  check(charactersOf(facts));
  return copyOf(facts);
}

/** Adds the digest of the file to facts that depend on the layer of the file. */
function withContent(facts: FileFacts, bytes: ChunkedBytes): FileFacts {
  return dependsOnLayer(facts) ? { ...facts, content: digestOfBytes(bytes) } : facts;
}

/** The number of bytes that a digest covers at each end of a large file. */
export const DIGEST_PART_BYTES: number = 512 * 1024;

/** The digest of a larger file covers only the size and both ends. */
export const DIGESTED_FILE_BYTES: number = 4 * DIGEST_PART_BYTES;

/**
 * Returns a digest that distinguishes files with the same features. The digest of a large file covers the size and both
 * ends: linkers and archivers write build IDs, tables and checksums at the ends, and hashing a whole program of 100 MB
 * takes 100 ms.
 */
function digestOfBytes(bytes: ChunkedBytes): Digest {
  const hash = createHash('sha256');
  const { length } = bytes;
  const isLarge = length > DIGESTED_FILE_BYTES;
  const parts = isLarge
    ? [bytes.slice(0, DIGEST_PART_BYTES), bytes.slice(length - DIGEST_PART_BYTES, length)]
    : [bytes];
  if (isLarge) hash.update(`${length}\n`);
  for (const part of parts) {
    for (let position = 0; position < part.length; ) {
      const chunk = part.chunkAt(position);
      hash.update(chunk.bytes);
      position = chunk.start + chunk.bytes.length;
    }
  }
  return digestOfHex(hash.digest('hex'));
}

/** Returns the facts that a detector reads from a file. */
export function factsOf({ read, readChunks }: Detector, path: string, bytes: ChunkedBytes): FileFacts {
  return readChunks === undefined ? read(path, bytes.whole()) : readChunks(path, bytes);
}

/**
 * Returns the entry of a file: facts of features detectors stay separate by detector; the facts of other detectors are
 * merged.
 */
export function fileEntry(path: string, readings: Readings): LayerEntry {
  const byDetector: Record<string, FileFacts> = {};
  const others: FileFacts[] = [];
  for (const [{ id, kind }, facts] of readings) {
    const known = byDetector[id];
    if (kind !== 'features') others.push(facts);
    else byDetector[id] = known === undefined ? facts : united([known, facts]);
  }
  const hasFeatures = Object.keys(byDetector).length > 0;
  return {
    kind: 'file',
    path,
    ...((others.length > 0 || !hasFeatures) && { facts: united(others) }),
    ...(hasFeatures && { byDetector }),
  };
}

/**
 * Copies facts, because their strings are slices that retain the whole file's text. Lists are copied item by item:
 * running out of memory between two items ends only the thread, but running out of memory inside a long JSON text ends
 * the process.
 */
function copyOf({ packages, features, marks, programs, ownedPaths, diversions, ...others }: FileFacts): FileFacts {
  return {
    ...plainCopy(others),
    ...(packages !== undefined && { packages: packages.map(plainCopy) }),
    ...(features !== undefined && { features: features.map(plainCopy) }),
    ...(marks !== undefined && { marks: marks.map(plainCopy) }),
    ...(programs !== undefined && { programs: programs.map(plainCopy) }),
    ...(ownedPaths !== undefined && { ownedPaths: ownedPaths.map(plainCopy) }),
    ...(diversions !== undefined && { diversions: diversions.map(plainCopy) }),
  };
}

function plainCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

/** Returns one diagnostic, regardless of the number of detectors that read the file. */
export function diagnosticOf(detectors: readonly Detector[], diagnostic: Diagnostic): Readings {
  return new Map(detectors.slice(0, 1).map((detector) => [detector, { diagnostics: [diagnostic] }]));
}

/** Returns whether there are neither facts nor diagnostics. */
export function isSilent(facts: FileFacts): boolean {
  for (const found of Object.values(facts)) if (!Array.isArray(found) || found.length > 0) return false;
  return true;
}

/** Removes the readings of these detectors that contain neither facts nor diagnostics. */
export function withoutSilence(readings: Readings, detectors: readonly Detector[]): Readings {
  const rest = new Map<Detector, FileFacts>();
  for (const [detector, facts] of readings) {
    if (!isSilent(facts) || !detectors.includes(detector)) rest.set(detector, facts);
  }
  return rest;
}

/** Returns whether a file is a program without other facts. */
export function isPlainExecutable(readings: Iterable<FileFacts>): boolean {
  const [facts, ...others] = readings;
  return others.length === 0 && facts !== undefined && isOnlyExecutable(facts);
}

function isOnlyExecutable({ executable, ...others }: FileFacts): boolean {
  return executable !== undefined && isSilent(others);
}

/** Applies `change` to the facts of each detector. Returns `readings` itself if nothing changes. */
export function withFacts(readings: Readings, change: (facts: FileFacts) => FileFacts): Readings {
  let changed: Map<Detector, FileFacts> | undefined;
  for (const [detector, facts] of readings) {
    const next = change(facts);
    if (next === facts) continue;
    changed ??= new Map(readings);
    changed.set(detector, next);
  }
  return changed ?? readings;
}

/**
 * Moves the features and programs of the file at `target` to `path`, which is a hard link to `target`. Moves the marks
 * of the file to the directory of `path`, because image builders link equal files, such as INSTALLER, of different
 * packages.
 *
 * @param layer the index of the layer with the content; absent if the layer of the link contains the content
 */
export function linkedContents(facts: FileFacts, target: string, path: string, layer?: number): FileFacts {
  const features = facts.features?.map((each) => moved(each, target, path));
  const marks = facts.marks?.map((each) => moved(each, directoryOf(target), directoryOf(path)));
  const programs = facts.programs?.map((each) => moved(each, target, path));
  const ofLayer = layer === undefined ? {} : { layer };
  const executable = facts.executable && { of: target, ...ofLayer, ...facts.executable };
  if (features === undefined && marks === undefined && programs === undefined && executable === undefined) return facts;
  return {
    ...facts,
    ...(features && { features }),
    ...(marks && { marks }),
    ...(programs && { programs }),
    ...(executable && { executable }),
  };
}

function moved<Placed extends { readonly path: string }>(each: Placed, from: string, to: string): Placed {
  return each.path.startsWith(from) ? { ...each, path: `${to}${each.path.slice(from.length)}` } : each;
}

/** Returns the directory of a path with its final slash; empty for the root. */
function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function united(all: readonly FileFacts[]): FileFacts {
  const releases = all.flatMap(({ release }) => Object.entries(release ?? {}));
  const hasRelease = all.some(({ release }) => release !== undefined);
  const packages = all.flatMap((facts) => (facts.packages === undefined ? [] : [facts.packages]));
  const features = all.flatMap((facts) => (facts.features === undefined ? [] : [facts.features]));
  const marks = all.flatMap((facts) => facts.marks ?? []);
  const programs = all.flatMap((facts) => facts.programs ?? []);
  const executable = all.find((facts) => facts.executable !== undefined)?.executable;
  // The facts of the database with its log replace the facts of the file, so both must come from the same detector.
  const content = all.length === 1 ? all[0]?.content : undefined;
  const ownedPaths = all.flatMap((facts) => facts.ownedPaths ?? []);
  const diversions = all.flatMap((facts) => facts.diversions ?? []);
  const contentSets = all.flatMap((facts) => (facts.contentSets === undefined ? [] : [facts.contentSets]));
  return {
    ...(hasRelease && { release: Object.fromEntries(releases) }),
    ...(packages.length > 0 && { packages: packages.flat() }),
    ...(features.length > 0 && { features: features.flat() }),
    ...(marks.length > 0 && { marks }),
    ...(programs.length > 0 && { programs }),
    ...(executable !== undefined && { executable }),
    ...(ownedPaths.length > 0 && { ownedPaths }),
    ...(diversions.length > 0 && { diversions }),
    ...(contentSets.length > 0 && { contentSets: contentSets.flat() }),
    ...(content !== undefined && { content }),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}
