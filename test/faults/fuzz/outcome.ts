import { writeFileSync } from 'node:fs';
import { ClairError } from '../../../src/errors.ts';
import type { Digest } from '../../../src/model/digest.ts';
import { isIncomplete, type Diagnostic } from '../../../src/model/report/diagnostic.ts';
import type { Detector, FileFacts } from '../../../src/worker/detectors/detector.ts';
import { DETECTORS } from '../../../src/worker/detectors/index.ts';
import { type FileRequest, readFileOfLayer, readLayer } from '../../../src/worker/layer/layer-reader.ts';
import { initialState, type LayerConclusion, nextState } from '../../../src/worker/layer/layer-state.ts';
import { type LinkTarget, MAX_PASSES, unitedTargets } from '../../../src/worker/layer/link-targets.ts';
import { unpackContents } from '../../../src/worker/layer/packed-contents.ts';
import { type LoggedDatabase, loggedDigest } from '../../../src/worker/logged/logged-databases.ts';
import type { LayerSource } from '../../../src/worker/sources/layer-source.ts';
import { openImage } from '../../../src/worker/sources/target.ts';
import { inChunks } from '../../../src/bytes/testing/tar-builder.ts';
import type { Sample } from './corpus.ts';

/** The result of reading bytes: an error with a code, or the contents. */
export type Outcome =
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'read'; readonly packages: number; readonly diagnostics: readonly Diagnostic[] };

/** The chunks are small, so that readers keep state between chunks. */
const CHUNK_BYTES = 1000;

const ALLOWED_ERRORS = /^(?:bytes|image)\//;

/**
 * Reads the bytes of a layer, or of an image with all its layers, as Clair does.
 *
 * @param path a file for the bytes, written first so that the bytes remain if the process crashes
 * @throws Error for any forbidden result: an error without a `bytes/` or `image/` code, or entries of a text database
 *   that are missing without a diagnostic
 */
export async function outcomeOf(sample: Sample, bytes: Buffer, path: string): Promise<Outcome> {
  writeFileSync(path, bytes);
  try {
    const { features, diagnostics } =
      sample.form === 'layer'
        ? await conclusionOf([{ where: 'layer', open: async () => inChunks(bytes, CHUNK_BYTES) }])
        : await conclusionOfImage(path);
    return { kind: 'read', packages: features.size, diagnostics };
  } catch (error) {
    if (error instanceof ClairError && ALLOWED_ERRORS.test(error.code)) return { kind: 'refused', code: error.code };
    throw error;
  }
}

/**
 * Describes a forbidden outcome; returns undefined for an allowed outcome. The oracle:
 *
 * - A result without packages always has a diagnostic that makes it incomplete.
 * - Where a checksum, digest or count covers the packages (`sealed`), fewer packages than in the original need an error
 *   or a diagnostic.
 * - Elsewhere, a mutation can create a valid file with other packages, so the number of packages proves nothing.
 *   Instead, each entry of a text database after the mutation must be accounted for ({@link WATCHED}).
 */
export function complaintOf(sample: Sample, original: Outcome, outcome: Outcome): string | undefined {
  if (outcome.kind === 'refused') return undefined;
  const { packages, diagnostics } = outcome;
  if (packages === 0 && !isIncomplete(diagnostics)) return 'no packages, and no diagnostic that says so';
  const expected = sample.sealed && original.kind === 'read' ? original.packages : 0;
  if (packages >= expected || isIncomplete(diagnostics)) return undefined;
  return `${packages} of ${expected} packages, and no diagnostic that says so`;
}

async function conclusionOfImage(path: string): Promise<LayerConclusion> {
  const image = await openImage({ kind: undefined, path, tag: undefined });
  try {
    return await conclusionOf(image.layers.map(({ source }) => source));
  } finally {
    await image.close();
  }
}

/** Reads the targets of links in the layers, as the worker does, until there are no new targets. */
async function conclusionOf(layers: readonly LayerSource[]): Promise<LayerConclusion> {
  let targets: readonly LinkTarget[] = [];
  for (let pass = 0; ; pass += 1) {
    let state = initialState({}, targets);
    let { conclusion } = nextState(state, { whiteouts: [], opaque: [], entries: [], outside: 0 }, WATCHED);
    let needed = targets;
    for (const [at, layer] of layers.entries()) {
      const { contents } = await readLayer(layer, WATCHED, { targets });
      const alone = nextState(state, contents, WATCHED);
      const logged = await readTogether(alone.unlogged, layers.slice(0, at + 1), targets);
      const next = logged.size === 0 ? alone : nextState({ ...state, logged }, contents, WATCHED);
      needed = unitedTargets(needed, next.gaps);
      ({ state, conclusion } = next);
    }
    if (pass === MAX_PASSES || needed.length === targets.length) return conclusion;
    targets = needed;
  }
}

async function readTogether(
  databases: readonly LoggedDatabase[],
  layers: readonly LayerSource[],
  targets: readonly LinkTarget[],
): Promise<ReadonlyMap<Digest, FileFacts>> {
  const fileOf = async (request: FileRequest): Promise<Uint8Array> => {
    for (const layer of layers) {
      const found = await readFileOfLayer(layer, WATCHED, request, { targets }).catch((error: unknown) => {
        if (error instanceof ClairError && error.code === 'bytes/digest-mismatch') return undefined;
        throw error;
      });
      if (found !== undefined) return found;
    }
    throw new Error('a reported path is not in any layer');
  };
  const logged = new Map<Digest, FileFacts>();
  for (const each of databases) {
    const { detector, path } = each;
    const log = await fileOf({ detector, content: each.log });
    const packed = await fileOf({ detector, content: each.database, logged: { path, log } });
    const [entry] = unpackContents(packed).entries;
    if (entry?.kind === 'file' && entry.facts !== undefined) logged.set(loggedDigest(each), entry.facts);
  }
  return logged;
}

/**
 * Counts the installed packages of a text database independently of its reader: paragraphs, minus paragraphs that are
 * marked as not installed and files of `status.d` without packages.
 */
const ENTRY_COUNTS: Readonly<Record<string, (path: string, text: string) => number>> = {
  dpkg(path, text) {
    if (path.includes('/status.d/') && !/^package\s*:/im.test(text)) return 0;
    const gone = /^status\s*:\s*\S+\s+\S+\s+(?:not-installed|config-files|half-installed)(?:\s|$)/im;
    return paragraphsOf(text).filter((lines) => /^[^#]/m.test(lines) && !gone.test(lines)).length;
  },
  apk: (_, text) => paragraphsOf(text).length,
};

function paragraphsOf(text: string): readonly string[] {
  return text
    .replaceAll(/\r(?=\n|$)/g, '')
    .split(/\n{2,}/)
    .map((lines) => lines.replaceAll(/^\n+|\n+$/g, ''))
    .filter((lines) => lines !== '');
}

/** The detectors, wrapped to find entries dropped without a diagnostic. */
const WATCHED: readonly Detector[] = DETECTORS.map((detector) => {
  const count = ENTRY_COUNTS[detector.id];
  if (count === undefined) return detector;
  return {
    ...detector,
    read(path, bytes) {
      const facts = detector.read(path, bytes);
      const entries = count(path, Buffer.from(bytes).toString('utf8'));
      checkAccount(path, entries, facts);
      return facts;
    },
  };
});

function checkAccount(path: string, entries: number, { packages = [], diagnostics }: FileFacts): void {
  if (packages.length >= entries || diagnostics.length > 0) return;
  throw new Error(`${path} has ${entries} entries, of which ${packages.length} became packages and none a diagnostic`);
}
