import { createHash } from 'node:crypto';
import type { ChunkedBytes } from '../../bytes/chunks/chunked-bytes.ts';
import { ClairError } from '../../errors.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import type { Detector, FileFacts } from '../detectors/detector.ts';
import { withOwners } from '../detectors/owner-detectors.ts';
import { createKnownLayers, type KnownLayer, type KnownLayers } from '../rereading/known-layers.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { differingContents } from '../parts/layer-views.ts';
import { inPartsOrWhole } from '../parts/parts-or-whole.ts';
import { PART_LIMITS, type PartLimits } from '../parts/part-limits.ts';
import { readParts } from '../parts/read-parts.ts';
import { type BigFileWatch, type ReadingTurn, watchOver } from './big-file-watch.ts';
import { digestingVisitor } from './digests/digesting-visitor.ts';
import { LayerCollector } from './layer-collector.ts';
import type { LayerReading } from './layer-contents.ts';
import { isSbomLayout, type LayerLayout } from './layer-layout.ts';
import { archivePass, documentPass, knownFilePass, type Pass } from './layer-passes.ts';
import { type LinkTarget, withTargets } from './link-targets.ts';
import { LAYER_LIMITS, type LayerLimits } from './limits.ts';
import { packContents } from './packed-contents.ts';
import { charactersOf } from './tree/tree-nodes.ts';

export type LayerReader = {
  /** The number of layers of an image to request at once. */
  readonly ahead: number;
  /** Reads a layer. @throws ClairError as {@link readLayer} does; the abort reason of the signal. */
  readonly read: (source: LayerSource, options?: LayerReaderOptions) => Promise<StoredReading>;
  /** Reads one file of a layer. @throws ClairError as {@link readFileOfLayer} does; the abort reason of the signal. */
  readonly readFile: (source: LayerSource, request: FileRequest, options?: LayerReaderOptions) => Promise<Uint8Array>;
  /** Compares packed contents as {@link differingContents} does. */
  readonly differing: (part: Uint8Array, whole: Uint8Array, signal?: AbortSignal) => Promise<Uint8Array | undefined>;
  readonly close: () => Promise<void>;
};

export type LayerReaderOptions = Omit<ReadLayerOptions, 'limits' | 'hasFileDigests'>;

export type StoredReading = Omit<LayerReading, 'contents' | 'partsRefused'> & {
  readonly contents: Uint8Array;
  /** The contents with the reason why the layer was not read in part; absent unless parts were refused. */
  readonly marked?: Uint8Array;
};

export type PartsReader = {
  /**
   * Reads a layer in part; returns undefined in the cases of {@link readPartsOfLayer}.
   *
   * @throws ClairError `bytes/…` or `registry/…` when a part cannot be fetched or verified; the abort reason of the
   * signal
   */
  readonly readParts: (source: LayerSource, options: LayerReaderOptions) => Promise<StoredReading | undefined>;
};

export type LayerReaderSettings = {
  readonly layers?: KnownLayers;
  /** Whether the files of layers are hashed; false by default. */
  readonly hasFileDigests?: boolean;
};

/** Creates a reader for the calling thread; passes the detectors through {@link withOwners}. */
export function createLayerReader(
  list: readonly Detector[],
  { layers = createKnownLayers(), hasFileDigests = false }: LayerReaderSettings = {},
): LayerReader & PartsReader {
  const detectors = withOwners(list);
  const optionsFor = (source: LayerSource, options: LayerReaderOptions | undefined): LayerReaderOptions => {
    const known = layers.find(source);
    return { ...(known && { known }), ...options };
  };
  // Contents for link targets need no digests, because the layer's own contents have them.
  const isHashing = (options: LayerReaderOptions): boolean => hasFileDigests && (options.targets ?? []).length === 0;
  const readInParts = async (source: LayerSource, options: LayerReaderOptions): Promise<StoredReading | undefined> => {
    const reading = await readPartsOfLayer(source, detectors, { ...options, hasFileDigests: isHashing(options) });
    return reading && packed(reading);
  };
  const readAsWhole = async (source: LayerSource, options: LayerReaderOptions): Promise<StoredReading> => {
    const chosen = { ...optionsFor(source, options), hasFileDigests: isHashing(options) };
    const reading = await readLayer(source, detectors, chosen);
    if (reading.known !== undefined) layers.add(source, reading.known);
    return packed(reading);
  };
  return {
    ahead: 1,
    read: async (source, options = {}) =>
      await inPartsOrWhole(source, options, { readParts: readInParts, readWhole: readAsWhole }),
    readParts: readInParts,
    readFile: async (source, request, options) =>
      await readFileOfLayer(source, detectors, request, optionsFor(source, options)),
    differing: async (part, whole) => differingContents(part, whole),
    close: async () => {},
  };
}

function packed({ contents, partsRefused, ...reading }: LayerReading): StoredReading {
  const marked = partsRefused === undefined ? {} : { marked: packContents({ ...contents, partsRefused }) };
  return { ...reading, contents: packContents(contents), ...marked };
}

/** A wanted file of a layer, identified by its bytes. */
export type FileRequest = {
  readonly detector: string;
  readonly content: Digest;
  /** For a database with a log, the path that identifies the database for the detector, and the bytes of the log. */
  readonly logged?: { readonly path: string; readonly log: Uint8Array };
};

export type ReadLayerOptions = {
  /** Defaults to the Docker layout. */
  readonly layout?: LayerLayout;
  readonly targets?: readonly LinkTarget[];
  readonly limits?: Partial<LayerLimits>;
  readonly signal?: AbortSignal;
  /** The turn for big files if several threads read layers: only one thread at a time has a big file in memory. */
  readonly turn?: ReadingTurn;
  /** Returns whether each processor has a layer to read; false by default. */
  readonly areProcessorsBusy?: () => boolean;
  readonly known?: KnownLayer;
  /** Whether the contents have the digests of files; false by default. */
  readonly hasFileDigests?: boolean;
  /** The reason why the layer is not read in part; the reading contains this reason. */
  readonly partsRefused?: string;
};

/**
 * Reads a layer in one pass, in memory independent of its size: hashes the bytes if their digest is stated, decompresses
 * them according to their magic number, hashes the tar, and passes the wanted members to `detectors`. An empty stream is
 * an empty layer. Reads only the necessary parts of a file that was read before and has not changed.
 *
 * @throws ClairError the errors of `source`, decompress() and walkTar(); `bytes/limit-exceeded` for too much wanted
 * data or time; `bytes/digest-mismatch` when the bytes do not have the digests in `source`; `sbom/…` for a software
 * bill of materials; the abort reason of `signal`.
 */
export async function readLayer(
  source: LayerSource,
  detectors: readonly Detector[],
  options: ReadLayerOptions = {},
): Promise<LayerReading> {
  const { known, ...others } = options;
  const { file } = source;
  // Only a full pass reads the content of each file.
  if (known !== undefined && file !== undefined && options.hasFileDigests !== true) {
    try {
      return withMarks(await inOnePass(source, detectors, others, knownFilePass(known, file)), source, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      // The file changed or is gone; the full pass reports the error.
      if (!(error instanceof ClairError) || error.code === 'bytes/limit-exceeded') throw error;
    }
  }
  const { layout = 'docker', areProcessorsBusy } = options;
  const pass = isSbomLayout(layout) ? documentPass(layout) : archivePass(areProcessorsBusy);
  return withMarks(await inOnePass(source, detectors, others, pass), source, options);
}

/** Adds to a reading whether the layer is partial, and why parts were refused. */
function withMarks(
  { contents, ...reading }: LayerReading,
  { isPartial }: LayerSource,
  { partsRefused }: ReadLayerOptions,
): LayerReading {
  const marked = { ...contents, ...(isPartial && { isPartial }) };
  return { ...reading, contents: marked, ...(partsRefused !== undefined && { partsRefused }) };
}

/**
 * Reads a layer by fetching only parts of its bytes. Returns undefined if the source has no parts or no digest, if the
 * files must be hashed, if a wanted file must be read from the whole layer, or if a partial reading would save little.
 *
 * @throws ClairError `bytes/…` or `registry/…` when a part cannot be fetched or verified; the abort reason of `signal`
 */
export async function readPartsOfLayer(
  source: LayerSource,
  detectors: readonly Detector[],
  options: Omit<ReadLayerOptions, 'known'> & { readonly partLimits?: Partial<PartLimits> } = {},
): Promise<LayerReading | undefined> {
  const { parts, digest, diffId, where } = source;
  const partLimits = { ...PART_LIMITS, ...options.partLimits };
  const maxMilliseconds = Math.min(partLimits.maxPartsMilliseconds, options.limits?.maxMilliseconds ?? Infinity);
  // A database with a log is read again, from the whole layer.
  const suffixes = detectors.flatMap(({ logged }) => (logged === undefined ? [] : [logged.suffix]));
  const isForWhole = (path: string): boolean => suffixes.some((suffix) => path.endsWith(suffix));
  // The digests of files need the content of all files.
  if (parts === undefined || digest === undefined || options.hasFileDigests === true) return undefined;
  return await inOnePass<LayerReading | undefined>(
    source,
    detectors,
    { ...options, limits: { ...options.limits, maxMilliseconds } },
    async (_source, visitor, layerLimits, signal, planning) => {
      const limits = { ...layerLimits, ...partLimits };
      const reading = await readParts(parts, visitor, { where, limits, signal, planning: planning(), isForWhole });
      if (reading === undefined) return undefined;
      const { outside, fetched, isUnproven } = reading;
      const read = { fetched, size: parts.size, ...(isUnproven && { isUnproven }) };
      const contents = { ...visitor.contents(outside), parts: read };
      return { digest, diffId: diffId ?? digest, contents, isInParts: true };
    },
  );
}

async function inOnePass<Reading extends LayerReading | undefined = LayerReading>(
  source: LayerSource,
  detectors: readonly Detector[],
  options: Omit<ReadLayerOptions, 'known'>,
  pass: Pass<Reading>,
): Promise<Reading> {
  const limits = { ...LAYER_LIMITS, ...options.limits };
  const failed = new AbortController();
  const bigFiles = watchOver(options.turn, limits, source.where, (error) => failed.abort(error));
  const timeout = AbortSignal.timeout(limits.maxMilliseconds);
  const signals = [failed.signal, timeout, ...(options.signal === undefined ? [] : [options.signal])];
  const { layout = 'docker', targets = [] } = options;
  const collectorFor = (watch: BigFileWatch): LayerCollector =>
    new LayerCollector(withTargets(forOneLayer(detectors), targets), layout, limits, source.where, watch);
  const collector = collectorFor(bigFiles);
  const visitor = options.hasFileDigests === true ? digestingVisitor(collector, layout) : collector;
  try {
    return await pass(source, visitor, limits, AbortSignal.any(signals), () => collectorFor(NO_WATCH));
  } catch (error) {
    // Abort a source that still waits for bytes, so that the source releases its file or connection.
    failed.abort();
    if (error !== timeout.reason) throw error;
    const what = `the layer was not read within ${limits.maxMilliseconds / 1000} seconds`;
    throw new ClairError('bytes/limit-exceeded', `${source.where}: ${what}`, { cause: error });
  } finally {
    await bigFiles.end();
  }
}

const NO_WATCH: BigFileWatch = {
  takeForFile: () => undefined,
  takeForProgram: () => undefined,
  give: () => undefined,
};

function forOneLayer(detectors: readonly Detector[]): readonly Detector[] {
  return detectors.map((detector) => detector.forLayer?.() ?? detector);
}

/**
 * Reads a layer again for one of its files. Returns the bytes of the file, or the packed contents of a database with
 * its log.
 *
 * @throws ClairError as {@link readLayer} does; `bytes/digest-mismatch` when the layer contains no such file.
 */
export async function readFileOfLayer(
  source: LayerSource,
  detectors: readonly Detector[],
  { detector: id, content, logged }: FileRequest,
  options: ReadLayerOptions = {},
): Promise<Uint8Array> {
  const { maxKeptCharacters } = { ...LAYER_LIMITS, ...options.limits };
  let found: Uint8Array | undefined;
  const watching = forOneLayer(detectors).flatMap((detector): readonly Detector[] => {
    const look = (_: string, bytes: Uint8Array): FileFacts => {
      if (found !== undefined || digestOf(bytes) !== content) return { diagnostics: [] };
      found = logged === undefined ? bytes : packedTogether(detector, bytes, logged, maxKeptCharacters);
      return { diagnostics: [] };
    };
    // The chunks are valid only during the call.
    const inChunks =
      detector.readChunks && ((path: string, bytes: ChunkedBytes) => look(path, Uint8Array.from(bytes.whole())));
    return detector.id === id ? [{ ...detector, read: look, ...(inChunks && { readChunks: inChunks }) }] : [];
  });
  await readLayer(source, watching, options);
  if (found !== undefined) return found;
  throw new ClairError(
    'bytes/digest-mismatch',
    `${source.where}: the layer has no file with digest ${content} for the detector ${id}`,
  );
}

function packedTogether(
  { id, logged }: Detector,
  bytes: Uint8Array,
  { path, log }: NonNullable<FileRequest['logged']>,
  maxCharacters: number,
): Uint8Array {
  if (logged === undefined) throw new Error(`the files of ${id} have no logs`);
  const facts = logged.read(path, bytes, log);
  if (charactersOf(facts) > maxCharacters) {
    throw new ClairError(
      'bytes/limit-exceeded',
      `the contents of ${path} and its log exceed ${maxCharacters} characters`,
    );
  }
  return packContents({ whiteouts: [], opaque: [], entries: [{ kind: 'file', path, facts }], outside: 0 });
}

function digestOf(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}
