import { hash } from 'node:crypto';
import type { ImageContents, IndexedImage } from '../../src/database/contracts/images.ts';
import type { NewLayer } from '../../src/database/contracts/layers.ts';
import type { Distribution } from '../../src/model/releases/distribution.ts';
import type { FeatureChange } from '../../src/model/layer.ts';
import { type SystemPackage } from '../../src/model/feature.ts';
import type { LayerContents } from '../../src/worker/layer/layer-contents.ts';
import { type Chance, createChance } from './chance.ts';
import type { ReleasePackages } from './release-packages.ts';

/** A base image: the packages of a real base layer on one day. */
export type Base = {
  readonly distribution: Distribution;
  readonly release: ReleasePackages;
  readonly names: readonly string[];
  /** The day, from 0 (the day of the release) to 1 (now). */
  readonly day: number;
};

export type TreeLayer = {
  readonly layer: Omit<NewLayer, 'parent' | 'contents'>;
  /** The JSON of the layer contents, before it is packed ({@link packContents}). */
  readonly contents: string;
  readonly parent: number | null;
  readonly depth: number;
  readonly base: number;
  /** The image with this topmost layer, without the field `leaf`. */
  readonly image?: Omit<IndexedImage & ImageContents, 'leaf'>;
};

/** The number of layers per base; each kind has at least one base. */
const LAYERS_PER_BASE = 2000;

/** The number of layers per shared runtime: Python, a web server, or the common layer of an organisation. */
const LAYERS_PER_RUNTIME = 100;

/**
 * The shares of the runtimes that are built on the first and on the second base. With 1,000,000 layers, 100,000 images
 * are built on the first base.
 */
const SHARES = [0.41, 0.2];

const OWN_LAYERS = { least: 3, most: 5 };

/** Shares of the layers that change packages; the other layers copy programs or change the configuration. */
const ACTIONS = { install: 0.4, upgrade: 0.15, remove: 0.05 };

const INSTALLED_ON_BASE = 30;
const INSTALLED_ON_RUNTIME = 3;

const MAX_TOGETHER = 25;

const MAX_UPGRADED = 4;
const MAX_REMOVED = 3;

/** The engine version of all layers. */
export const ENGINE_VERSION = 1;

/** The analysis time of all layers, in milliseconds since 1970. */
export const BUILT_AT: number = Date.UTC(2026, 10, 25);

/**
 * Yields `count` layers, parents first: base layers, runtimes on the base layers, and layers of single images on the
 * runtimes. Each run yields the same layers. The installed packages are selected at random, with their dependencies;
 * packages on which many other packages depend are selected most often.
 *
 * @param kinds kinds of bases, used in turn
 */
export function* layerTree(kinds: readonly Base[], count: number): Generator<TreeLayer> {
  const baseCount = Math.max(kinds.length, Math.round(count / LAYERS_PER_BASE));
  const runtimeCount = Math.max(2 * kinds.length, Math.round(count / LAYERS_PER_RUNTIME));
  const contentsText = createContentsText();
  const bases: State[] = [];
  const runtimes: Runtime[] = [];
  let place = 0;
  for (; place < baseCount; place += 1) {
    const base = kinds[place % kinds.length];
    if (base === undefined) throw new Error('the list of base images is empty');
    const state: State = { base, baseNumber: place, depth: 0, installed: createInstalled() };
    yield { ...grown(state, place, { grow: fillBase, contentsText }), parent: null };
    bases.push(state);
  }
  for (const end = place + runtimeCount; place < end; place += 1) {
    const chance = createChance(place);
    const below = itemAt(bases, numberOfBase(chance.next(), baseCount));
    const state = above(below);
    yield { ...grown(state, place, { grow: fillRuntime, contentsText }), parent: below.baseNumber };
    // A runtime only installs packages, and a map returns the added packages last.
    runtimes.push({ below, added: [...state.installed.present.values()].slice(below.installed.present.size), place });
  }
  while (place < count) {
    const chance = createChance(place);
    const runtime = itemAt(runtimes, chance.below(runtimeCount));
    const own = OWN_LAYERS.least + chance.below(OWN_LAYERS.most - OWN_LAYERS.least + 1);
    const lowest = aboveRuntime(runtime);
    const first = place;
    let parent = runtime.place;
    for (const end = Math.min(place + own, count); place < end; place += 1) {
      const state = { ...lowest, depth: lowest.depth + place - first };
      const isLeaf = place === end - 1;
      yield {
        ...grown(state, place, { grow: changeByChance, contentsText }),
        parent,
        ...(isLeaf && { image: imageAt(place) }),
      };
      parent = place;
    }
  }
}

type Installed = {
  readonly present: Map<string, SystemPackage>;
  readonly put: (of: SystemPackage | undefined) => void;
  readonly remove: (name: string) => void;
  /** Returns the changes since the last call: each changed name with its earlier package. */
  readonly takeChanged: () => ReadonlyMap<string, SystemPackage | undefined>;
};

function createInstalled(
  below: ReadonlyMap<string, SystemPackage> = new Map(),
  added: readonly SystemPackage[] = [],
): Installed {
  const present = new Map(below);
  for (const of of added) present.set(of.name, of);
  let changed = new Map<string, SystemPackage | undefined>();
  function note(name: string): void {
    if (!changed.has(name)) changed.set(name, present.get(name));
  }
  return {
    present,
    put(of) {
      if (of === undefined) return;
      note(of.name);
      present.set(of.name, of);
    },
    remove(name) {
      note(name);
      present.delete(name);
    },
    takeChanged() {
      const taken = changed;
      changed = new Map();
      return taken;
    },
  };
}

type State = {
  readonly base: Base;
  readonly baseNumber: number;
  readonly depth: number;
  readonly installed: Installed;
};

/** A shared layer on a base, as the packages that it adds: 100,000 maps of hundreds of packages need gigabytes. */
type Runtime = { readonly below: State; readonly added: readonly SystemPackage[]; readonly place: number };

type Growth = (state: State, chance: Chance) => void;

function above(below: State): State {
  return { ...below, depth: below.depth + 1, installed: createInstalled(below.installed.present) };
}

function aboveRuntime({ below, added }: Runtime): State {
  return { ...below, depth: below.depth + 2, installed: createInstalled(below.installed.present, added) };
}

function grown(
  state: State,
  place: number,
  { grow, contentsText }: { readonly grow: Growth; readonly contentsText: ContentsText },
): Omit<TreeLayer, 'parent'> {
  const { base, baseNumber, depth, installed } = state;
  grow(state, createChance(place + 0x5ca1e));
  const changes = changesOf(installed, base.release.namespace, depth);
  return {
    base: baseNumber,
    depth,
    layer: {
      name: digestOf('chain', place),
      engineVersion: ENGINE_VERSION,
      digest: digestOf('layer', place),
      distribution: base.distribution,
      contentSets: [],
      diagnostics: [],
      changes,
      owners: [],
      programs: [],
    },
    contents: contentsText(changes.length === 0 ? [] : [...installed.present.values()]),
  };
}

function fillBase({ base, installed }: State, chance: Chance): void {
  for (const name of base.names) installed.put(base.release.at(name, base.day));
  for (let time = 0; time < INSTALLED_ON_BASE; time += 1) install({ base, installed }, chance);
}

function fillRuntime(state: State, chance: Chance): void {
  for (let time = 0; time < INSTALLED_ON_RUNTIME; time += 1) install(state, chance);
}

function changeByChance(state: State, chance: Chance): void {
  const which = chance.next();
  if (which < ACTIONS.install) install(state, chance);
  else if (which < ACTIONS.install + ACTIONS.upgrade) upgrade(state, chance);
  else if (which < ACTIONS.install + ACTIONS.upgrade + ACTIONS.remove) remove(state, chance);
}

function install({ base, installed }: Pick<State, 'base' | 'installed'>, chance: Chance): void {
  const { release, day } = base;
  const wanted = [release.roots[chance.rank(release.roots.length)] ?? ''];
  let left = MAX_TOGETHER;
  for (let name = wanted.shift(); name !== undefined && left > 0; name = wanted.shift()) {
    if (installed.present.has(name)) continue;
    const of = release.at(name, day);
    if (of === undefined) continue;
    installed.put(of);
    left -= 1;
    wanted.push(...release.dependsOn(name));
  }
}

function upgrade({ base, installed }: State, chance: Chance): void {
  const present = [...installed.present.values()];
  for (let time = 0; time < MAX_UPGRADED; time += 1) {
    const chosen = present[chance.below(present.length)];
    for (const of of present) {
      if (of.source.name === chosen?.source.name) installed.put(base.release.at(of.name, 1));
    }
  }
}

function remove({ installed }: State, chance: Chance): void {
  const names = [...installed.present.keys()];
  const count = 1 + chance.below(MAX_REMOVED);
  for (let time = 0; time < count; time += 1) installed.remove(names[chance.below(names.length)] ?? '');
}

function changesOf(installed: Installed, namespace: string, originDepth: number): readonly FeatureChange[] {
  const changes: FeatureChange[] = [];
  for (const [name, old] of installed.takeChanged()) {
    const of = installed.present.get(name);
    if (of === old) continue;
    if (of !== undefined) changes.push({ feature: of, path: '', namespace, originDepth, change: 1 });
    if (old !== undefined) changes.push({ feature: old, path: '', namespace, originDepth, change: -1 });
  }
  return changes;
}

type ContentsText = (packages: readonly SystemPackage[]) => string;

/**
 * A layer that changes a package contains the database of all installed packages; other layers contain nothing. The
 * text of a package is created once, because each of a million layers has a few hundred packages.
 */
function createContentsText(): ContentsText {
  const folders = ['var', 'var/lib', 'var/lib/dpkg'].map((path) => ({ kind: 'directory', path }) as const);
  const file = { kind: 'file', path: 'var/lib/dpkg/status', facts: { packages: [], diagnostics: [] } } as const;
  const [start = '', end = ''] = textOf([...folders, file]).split(NO_PACKAGES);
  const nothing = textOf([]);
  const texts = new Map<SystemPackage, string>();
  function packageText(of: SystemPackage): string {
    let text = texts.get(of);
    if (text === undefined) texts.set(of, (text = JSON.stringify(of)));
    return text;
  }
  return (packages) =>
    packages.length === 0 ? nothing : `${start}"packages":[${packages.map(packageText).join(',')}]${end}`;
}

const NO_PACKAGES = '"packages":[]';

function textOf(entries: LayerContents['entries']): string {
  const contents: LayerContents = { whiteouts: [], opaque: [], entries, outside: 0 };
  return JSON.stringify(contents);
}

function imageAt(place: number): Omit<IndexedImage & ImageContents, 'leaf'> {
  const digest = digestOf('image', place);
  const reference = `registry.example/team-${place % 97}/service-${place}@${digest}`;
  const known = { digest, reference, target: `registry:${reference}`, platform: 'linux/amd64', scannedAt: BUILT_AT };
  return { ...known, layers: [], baseDigest: null, commands: [] };
}

function digestOf(what: string, place: number): `sha256:${string}` {
  return `sha256:${hash('sha256', `${what} ${place}`)}`;
}

function numberOfBase(from0To1: number, bases: number): number {
  let left = from0To1;
  for (const [number, share] of SHARES.entries()) {
    if (left < share) return number;
    left -= share;
  }
  const rest = 1 - SHARES.reduce((sum, share) => sum + share, 0);
  return SHARES.length + Math.floor((left / rest) * (bases - SHARES.length));
}

function itemAt<Item>(items: readonly Item[], place: number): Item {
  const item = items[place];
  if (item === undefined) throw new Error(`there is no layer at index ${place}`);
  return item;
}
