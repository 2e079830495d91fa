/** Compares the files that detectors read in any directory with a model that unpacks whole layers into a map. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runCount } from '../../../../test/fixtures/run-count.ts';
import { deb } from '../../../database/testing/packages.ts';
import { inChunks, type Member, tarOf } from '../../../bytes/testing/tar-builder.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import { childrenOf, exactPaths, type PathPattern } from '../../detectors/path-pattern.ts';
import { readLayer } from '../layer-reader.ts';
import { initialState, type NextState, nextState } from '../layer-state.ts';
import { ancestorsOf } from './pattern-index.ts';

const NAME = 'made.json';
const SUFFIX = '.made';
const MAGIC = '\u007fELF';

/** Returns a detector that finds nothing in a file that contains "nothing". */
function detector(id: string, pattern: PathPattern): Detector {
  const read = (path: string, bytes: Uint8Array): FileFacts => {
    const name = Buffer.from(bytes).toString();
    if (name.includes('nothing')) return { diagnostics: [] };
    return { features: [{ feature: { type: 'made', name, version: id }, path }], diagnostics: [] };
  };
  return { id, kind: 'features', version: 1, wants: [pattern], read };
}

const DETECTORS: readonly Detector[] = [
  detector('names', { kind: 'basename', name: NAME }),
  detector('suffixes', { kind: 'suffix', suffix: SUFFIX }),
  detector('programs', { kind: 'executable' }),
];

function namedBy(path: string): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return [...(name === NAME ? ['names'] : []), ...(name.endsWith(SUFFIX) ? ['suffixes'] : [])];
}

type Change =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'directory' | 'device' | 'symlink' | 'whiteout' | 'opaque'; readonly path: string }
  | { readonly kind: 'hardlink'; readonly path: string; readonly target: string };

type Standing = { readonly kind: 'file' | 'directory' | 'other'; readonly text: string };
type Disk = Map<string, Standing>;

/** Returns the changes that could be unpacked. */
function unpack(disk: Disk, changes: readonly Change[]): readonly Change[] {
  for (const { kind, path } of changes) {
    if (kind === 'whiteout') removeAll(disk, path);
    if (kind === 'opaque') removeBelow(disk, path);
  }
  const own = new Set<string>();
  return changes.filter((change) => change.kind === 'whiteout' || change.kind === 'opaque' || put(disk, own, change));
}

/** Adds a member to the model; returns false when this is impossible. `own` contains the layer's paths so far. */
function put(disk: Disk, own: Set<string>, change: Change): boolean {
  const { kind, path } = change;
  const above = path.split('/').map((_, at, names) => names.slice(0, at).join('/'));
  if (above.some((each) => own.has(each) && disk.get(each)?.kind !== 'directory')) return false;
  const standing = standingOf(disk, own, change);
  if (standing === undefined) return false;
  for (const each of above.slice(1)) if (disk.get(each)?.kind !== 'directory') putOver(disk, each, DIRECTORY);
  if (kind !== 'directory' || disk.get(path)?.kind !== 'directory') putOver(disk, path, standing);
  own.add(path);
  return true;
}

const DIRECTORY: Standing = { kind: 'directory', text: '' };

function standingOf(disk: Disk, own: ReadonlySet<string>, change: Change): Standing | undefined {
  if (change.kind === 'directory') return DIRECTORY;
  if (change.kind === 'file') return { kind: 'file', text: change.text };
  if (change.kind !== 'hardlink') return { kind: 'other', text: '' };
  const { path, target } = change;
  const linked = disk.get(target);
  // Container engines copy files of lower layers before linking, and files with another name are read in a second pass.
  const isRead = namedBy(path).every((id) => namedBy(target).includes(id));
  return own.has(target) && linked?.kind === 'file' && isRead && path !== target ? linked : undefined;
}

function putOver(disk: Disk, path: string, standing: Standing): void {
  removeAll(disk, path);
  disk.set(path, standing);
}

function removeAll(disk: Disk, path: string): void {
  disk.delete(path);
  removeBelow(disk, path);
}

function removeBelow(disk: Disk, path: string): void {
  for (const each of disk.keys()) if (path === '' || each.startsWith(`${path}/`)) disk.delete(each);
}

function expectedOn(disk: Disk): readonly string[] {
  const found = [...disk].flatMap(([path, { kind, text }]) => {
    if (kind !== 'file' || text.includes('nothing')) return [];
    const ids = [...namedBy(path), ...(text.startsWith(MAGIC) ? ['programs'] : [])];
    return ids.map((id) => `${path}: ${text} for ${id}`);
  });
  return found.toSorted();
}

/**
 * Adds the parent directories of each change, as container engines write them. Without these directories, only unwanted
 * members would show that a directory exists, and unwanted members are listed only if detectors read files anywhere.
 */
function withParents(changes: readonly Change[]): readonly Change[] {
  return changes.flatMap((change): readonly Change[] => {
    if (change.kind === 'whiteout' || change.kind === 'opaque') return [change];
    const parents = ancestorsOf(change.path).toReversed();
    return [...parents.map((path) => ({ kind: 'directory', path }) as const), change];
  });
}

function memberOf(change: Change): Member {
  const { kind, path } = change;
  switch (kind) {
    case 'file':
      return { name: path, content: change.text };
    case 'directory':
      return { name: `${path}/`, type: '5' };
    case 'device':
      return { name: path, type: '3' };
    case 'symlink':
      return { name: path, type: '2', link: 'a/b' };
    case 'hardlink':
      return { name: path, type: '1', link: change.target };
    case 'whiteout':
      return { name: path.replace(/([^/]+)$/, '.wh.$1') };
    case 'opaque':
      return { name: path === '' ? '.wh..wh..opq' : `${path}/.wh..wh..opq` };
  }
}

const PATH = fc
  .array(fc.constantFrom('a', NAME, `x${SUFFIX}`), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const TEXT = fc
  .tuple(fc.constantFrom('', MAGIC), fc.constantFrom('one of some', 'two of some', 'nothing there'))
  .map(([magic, text]) => `${magic}${text}`);
const CHANGE: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('file'), path: PATH, text: TEXT }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('directory', 'device', 'symlink', 'whiteout'), path: PATH }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('opaque'), path: fc.oneof(PATH, fc.constant('')) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hardlink'), path: PATH, target: PATH }) },
);

it('finds the same files anywhere as unpacking all layers', async () => {
  const layers = fc.array(fc.array(CHANGE, { maxLength: 10 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(layers, async (image) => {
      const disk: Disk = new Map();
      let state = initialState();
      for (const changes of image) {
        const tar = tarOf(...unpack(disk, changes).map(memberOf));
        const { contents } = await readLayer({ where: 'layer', open: async () => inChunks(tar) }, DETECTORS);
        const next = nextState(state, contents, DETECTORS);
        state = next.state;
        const found = [...next.conclusion.features.values()].map(({ feature, path }) => {
          return `${path}: ${feature.name} for ${feature.version}`;
        });
        expect(found.toSorted()).toEqual(expectedOn(disk));
      }
    }),
    { numRuns: runCount(1000, 200) },
  );
});

/** The diagnostics of a layer without packages of a distribution depend on its libraries. */
const WITHOUT_SYSTEM: ReadonlySet<string> = new Set([
  'distribution-absent',
  'distribution-unknown',
  'package-database-missing',
]);

it('finds the same at fixed paths, whether other detectors read files anywhere or not', async () => {
  const packages = (id: string, ...wants: readonly PathPattern[]): Detector => ({
    id,
    kind: 'packages',
    version: 1,
    wants,
    read: (path, bytes) => ({ packages: [deb(`${path}: ${Buffer.from(bytes).toString()}`, id)], diagnostics: [] }),
  });
  const fixed = [packages('exact', ...exactPaths(`a/a/${NAME}`, 'a')), packages('children', ...childrenOf(NAME))];
  const layers = fc.array(fc.array(CHANGE, { maxLength: 10 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(layers, async (image) => {
      const disk: Disk = new Map();
      let [alone, together] = [initialState(), initialState()];
      for (const changes of image) {
        const tar = tarOf(...unpack(disk, withParents(changes)).map(memberOf));
        const laid = async (below: typeof alone, detectors: readonly Detector[]): Promise<NextState> => {
          const { contents } = await readLayer({ where: 'layer', open: async () => inChunks(tar) }, detectors);
          return nextState(below, contents, detectors);
        };
        const one = await laid(alone, fixed);
        const other = await laid(together, [...DETECTORS, ...fixed]);
        [alone, together] = [one.state, other.state];
        const listed = [...other.conclusion.features.values()].filter(({ path }) => path === '');
        expect(listed.map(({ feature }) => feature.name).toSorted()).toEqual(
          [...one.conclusion.features.values()].map(({ feature }) => feature.name).toSorted(),
        );
        const [codes, expected] = [other, one].map(({ conclusion: { diagnostics } }) =>
          diagnostics.map(({ code }) => code).filter((code) => !WITHOUT_SYSTEM.has(code)),
        );
        expect(codes).toEqual(expected);
      }
    }),
    { numRuns: runCount(500, 100) },
  );
});
