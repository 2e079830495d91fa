import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileBytes } from '../src/bytes/file-bytes.ts';
import type { Detector, FileFacts } from '../src/worker/detectors/detector.ts';
import { DETECTORS } from '../src/worker/detectors/index.ts';
import type { PathPattern } from '../src/worker/detectors/path-pattern.ts';
import { createLayerReader } from '../src/worker/layer/layer-reader.ts';
import { unpackContents } from '../src/worker/layer/packed-contents.ts';
import { type Figure, type Run, timed } from './figure.ts';
import { writeRealFiles } from './real-files.ts';
import { sized } from './size.ts';
import { TINY_FILES, tinyFilesArchive } from './tiny-files.ts';

const MEBIBYTE = 1024 ** 2;
const LAYER_BYTES = sized(400, 1) * MEBIBYTE;

/** Artificial detectors that match files in any directory, in addition to {@link DETECTORS}. */
const MADE_UP: readonly Detector[] = [
  madeUp('npm', readManifest, name('package.json'), name('.package-lock.json')),
  madeUp('pypi', readNothing, name('METADATA', '.dist-info'), name('PKG-INFO', '.egg-info'), suffix('.egg-info')),
  madeUp('maven', readNothing, ...['.jar', '.war', '.ear', '.par', '.sar', '.jmod', '.hpi', '.lpkg'].map(suffix)),
  madeUp('gem', readNothing, suffix('.gemspec')),
  madeUp('composer', readNothing, name('installed.json')),
  madeUp('nuget', readNothing, suffix('.deps.json')),
  madeUp('otp', readNothing, suffix('.app')),
  madeUp('golang', readNothing, { kind: 'executable' }),
  madeUp('cargo', readNothing, { kind: 'executable' }),
];

/** Measures patterns for any directory on a layer without matching files. */
export const patternsTiny: Figure = {
  title: `analysis of an uncompressed layer of ${TINY_FILES / 1e6} million files of a few bytes, with ${MADE_UP.length} more detectors`,
  against: 'the same without these detectors, which match names, suffixes and executables',
  aim: 0.9,
  prepare: (folder) => pipeline(Readable.from(tinyFilesArchive()), createWriteStream(layerIn(folder))),
  subject: (folder) => read(folder, [...DETECTORS, ...MADE_UP]),
  reference: (folder) => read(folder, DETECTORS),
};

/** Measures the same patterns on real files, a few thousand of which match. */
export const patternsReal: Figure = {
  ...patternsTiny,
  title: `analysis of an uncompressed layer with files of ${LAYER_BYTES / MEBIBYTE} MiB, with ${MADE_UP.length} more detectors`,
  prepare: (folder) =>
    writeRealFiles(layerIn(folder), { bytes: LAYER_BYTES, root: 'opt', compressor: new PassThrough() }),
};

async function read(folder: string, detectors: readonly Detector[]): Promise<Run> {
  const path = layerIn(folder);
  return await timed(async () => {
    const reader = createLayerReader(detectors);
    const { contents } = await reader.read({ where: path, open: async () => fileBytes(path) });
    const { entries, others } = unpackContents(contents);
    const listed = others === undefined ? 0 : others.rests.length;
    return { what: `${entries.length} entries, ${listed} others, packed in ${contents.length} bytes` };
  });
}

function madeUp(id: string, reads: Detector['read'], ...wants: readonly PathPattern[]): Detector {
  return { id, kind: 'features', version: 1, wants, read: reads };
}

function name(text: string, parentSuffix?: string): PathPattern {
  return { kind: 'basename', name: text, ...(parentSuffix !== undefined && { parentSuffix }) };
}

function suffix(text: string): PathPattern {
  return { kind: 'suffix', suffix: text };
}

function readManifest(path: string, bytes: Uint8Array): FileFacts {
  try {
    const manifest: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof manifest !== 'object' || manifest === null) return { diagnostics: [] };
    if (!('name' in manifest && 'version' in manifest)) return { diagnostics: [] };
    const feature = { type: 'npm', name: String(manifest.name), version: String(manifest.version) };
    return { features: [{ feature, path }], diagnostics: [] };
  } catch {
    return { diagnostics: [] };
  }
}

function readNothing(): FileFacts {
  return { diagnostics: [] };
}

function layerIn(folder: string): string {
  return join(folder, 'layer.tar');
}
