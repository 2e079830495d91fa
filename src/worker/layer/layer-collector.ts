import type { TarEntry, TarVisitor } from '../../bytes/tar/entry.ts';
import { shownName } from '../../bytes/tar/name.ts';
import { ClairError } from '../../errors.ts';
import type { Detector, FileFindings } from '../detectors/detector.ts';
import type { LayerEntry, LayerFindings } from './layer-findings.ts';
import { type LayerLayout, memberInImage } from './layer-layout.ts';
import type { LayerLimits } from './limits.ts';
import { charactersOf } from './tree/tree-nodes.ts';
import { ancestorsOf, fixedRole, indexPatterns, type PathRole, type PatternIndex } from './pattern-index.ts';
import { whiteoutOfPath } from './whiteout.ts';

/** What each detector that wants a file read from it. */
type Readings = ReadonlyMap<Detector, FileFindings>;

type Kept = { readonly entry: Exclude<LayerEntry, { kind: 'file' }> } | { readonly readings: Readings };

/** What is kept of a path, and how much that is. */
type KeptPath = {
  readonly order: number;
  readonly what: Kept;
  readonly packages: number;
  /** About as many as the entry has as JSON. */
  readonly characters: number;
};

/** Told of wanted files that take much memory: `take` before such a file is collected, `give` when it has been read. */
export type BigFileWatch = { readonly take: (path: string) => void; readonly give: () => void };

/** Files below this size may be in memory in all threads at once. */
export const BIG_FILE_BYTES: number = 16 * 1024 * 1024;

/** What an entry has as JSON beside its texts. */
const ENTRY_CHARACTERS = 32;

/**
 * Keeps of an archive's members only what {@link LayerFindings} needs. Later members replace earlier ones of the same
 * path, as unpacking would, so what is kept is bounded by the wanted paths and not by the archive.
 */
export class LayerCollector implements TarVisitor {
  readonly #index: PatternIndex;
  readonly #layout: LayerLayout;
  readonly #limits: LayerLimits;
  readonly #where: string;
  /** By path, in the order of the archive. */
  readonly #kept = new Map<string, KeptPath>();
  readonly #whiteouts = new Set<string>();
  readonly #opaque = new Set<string>();
  /** When something that is no directory last stood at a path above wanted ones, and so removed all below it. */
  readonly #cleared = new Map<string, number>();
  readonly #bigFiles: BigFileWatch;
  #order = 0;
  #bytes = 0;
  #packages = 0;
  #characters = 0;

  constructor(
    detectors: readonly Detector[],
    layout: LayerLayout,
    limits: LayerLimits,
    where: string,
    bigFiles: BigFileWatch,
  ) {
    this.#bigFiles = bigFiles;
    this.#index = indexPatterns(detectors);
    this.#layout = layout;
    this.#limits = limits;
    this.#where = where;
  }

  /**
   * Takes notice of a member and tells whether its content is wanted.
   *
   * @throws ClairError `bytes/limit-exceeded` when the layer holds too much that is wanted.
   */
  readonly entry = (member: TarEntry): boolean => {
    const entry = memberInImage(member, this.#layout);
    if (entry === null) return false;
    const whiteout = this.#layout === 'docker' ? whiteoutOfPath(entry.path) : null;
    if (whiteout !== null) {
      if (whiteout.kind === 'path') this.#hide(whiteout.path, this.#whiteouts);
      if (whiteout.kind === 'opaque') this.#hide(whiteout.directory, this.#opaque);
      return false;
    }
    const role = fixedRole(entry.path, this.#index);
    if (role === null) return false;
    if (entry.kind === 'file' && role.detectors.length > 0) {
      this.#countBytes(entry);
      if (entry.size > BIG_FILE_BYTES) this.#bigFiles.take(entry.path);
      return true;
    }
    this.#keep(entry.path, role, this.#withoutContent(entry, role));
    return false;
  };

  /** Lets the detectors read a wanted file. */
  readonly content = (member: TarEntry, bytes: Uint8Array): void => {
    const path = memberInImage(member, this.#layout)?.path;
    const role = path === undefined ? null : fixedRole(path, this.#index);
    if (path === undefined || role === null) return;
    const readings = new Map(role.detectors.map((detector) => [detector, this.#read(detector, path, bytes)]));
    this.#bigFiles.give();
    this.#keep(path, role, { readings });
  };

  /** Gives what was found, once the archive has been read; `outside` is what the walk counted. */
  findings(outside: number): LayerFindings {
    const entries: LayerEntry[] = [];
    const opaque = new Set(this.#opaque);
    for (const [path, { what }] of this.#kept) {
      if (!this.#isStanding(path)) continue;
      if ('readings' in what) entries.push({ kind: 'file', path, findings: merge(what.readings) });
      else entries.push(what.entry);
      // A directory where this layer had put something else before: nothing of the layers below shines through.
      if ('entry' in what && what.entry.kind === 'directory' && this.#cleared.has(path)) opaque.add(path);
    }
    return { whiteouts: [...this.#whiteouts], opaque: [...opaque], entries, outside };
  }

  /** Release files are a few lines, and what they say goes into every report: nothing big is taken for one. */
  #read(detector: Detector, path: string, bytes: Uint8Array): FileFindings {
    const { maxReleaseFileBytes } = this.#limits;
    if (detector.kind !== 'os' || bytes.length <= maxReleaseFileBytes) {
      const findings = detector.read(path, bytes);
      // Counted before it is copied: a copy cannot be stopped in the middle, and may take more memory than a thread has.
      this.#checkCharacters(charactersOf(findings));
      return copyOf(findings);
    }
    const message = `${path} has more than ${maxReleaseFileBytes} bytes: it is no release file`;
    return { problems: [{ code: 'release-file-unreadable', message, where: path }] };
  }

  #withoutContent(entry: TarEntry, role: PathRole): Kept {
    const { path } = entry;
    if (entry.kind === 'directory') return { entry: { kind: 'directory', path } };
    if (entry.kind === 'symlink' && entry.target.length <= this.#limits.maxLinkCharacters) {
      return { entry: { kind: 'symlink', path, target: entry.target } };
    }
    if (entry.kind === 'hardlink') return this.#linked(path, entry.target, role);
    return { entry: { kind: 'other', path } };
  }

  /**
   * A hard link is what its target is at this point of the archive. What the archive has not shown may have been passed over,
   * or lie in a layer below.
   */
  #linked(path: string, target: string, { detectors }: PathRole): Kept {
    const linked = this.#isStanding(target) ? this.#kept.get(target)?.what : undefined;
    if (linked !== undefined && 'entry' in linked && linked.entry.kind === 'symlink') {
      return { entry: { ...linked.entry, path } };
    }
    if (detectors.length === 0) return { entry: { kind: 'other', path } };
    const known = linked !== undefined && 'readings' in linked ? [...linked.readings] : [];
    const found = known.filter(([{ id }]) => detectors.some((detector) => detector.id === id));
    if (found.length > 0) return { readings: new Map(found) };
    return isInImage(target)
      ? { entry: { kind: 'hardlink', path, target } }
      : { readings: outsideOf(path, target, detectors) };
  }

  #keep(path: string, role: PathRole, what: Kept): void {
    const order = ++this.#order;
    const isDirectory = 'entry' in what && what.entry.kind === 'directory';
    if (role.above && !isDirectory) this.#cleared.set(path, order);
    // Deleted first, so that the map's order is that of the members that count.
    const before = this.#kept.get(path);
    this.#kept.delete(path);
    this.#packages -= before?.packages ?? 0;
    this.#characters -= before?.characters ?? 0;
    const bounded = 'entry' in what ? what : { readings: this.#withinPackages(path, what.readings) };
    const packages = packageCount(bounded);
    const characters = path.length + keptCharacters(bounded);
    this.#packages += packages;
    this.#kept.set(path, { order, what: bounded, packages, characters });
    this.#countCharacters(characters);
    this.#checkCount();
  }

  /** Cuts off the packages beyond the bound of the layer, and says so. */
  #withinPackages(path: string, readings: Readings): Readings {
    const { maxPackages } = this.#limits;
    let room = maxPackages - this.#packages;
    return new Map(
      [...readings].map(([detector, findings]) => {
        const { packages = [], problems } = findings;
        const kept = packages.slice(0, room);
        room -= kept.length;
        if (kept.length === packages.length) return [detector, findings];
        const message = `the layer has more than ${maxPackages} packages: the others of ${shownName(path)} were not read`;
        const problem = { code: 'package-limit-reached', message, where: path } as const;
        return [detector, { ...findings, packages: kept, problems: [...problems, problem] }];
      }),
    );
  }

  #hide(path: string, hidden: Set<string>): void {
    // What is hidden matters when it is a wanted path or above one; the root is above all of them.
    if (path !== '' && fixedRole(path, this.#index) === null) return;
    if (!hidden.has(path)) this.#countCharacters(path.length);
    hidden.add(path);
    this.#checkCount();
  }

  /** Whether nothing that came later replaced a directory above `path` and so removed what was kept there. */
  #isStanding(path: string): boolean {
    const order = this.#kept.get(path)?.order ?? 0;
    return ancestorsOf(path).every((ancestor) => (this.#cleared.get(ancestor) ?? 0) < order);
  }

  /** Before the content is read, and by what it would take in memory: a sparse file of nothing has its full size. */
  #countBytes(entry: TarEntry): void {
    this.#bytes += entry.size;
    if (this.#bytes <= this.#limits.maxWantedBytes) return;
    const what = `the files to be read have more than ${this.#limits.maxWantedBytes} bytes`;
    throw new ClairError('bytes/limit-exceeded', `${this.#where}: member ${shownName(entry.path)}: ${what}`);
  }

  #countCharacters(added: number): void {
    this.#characters += added;
    this.#checkCharacters(this.#characters);
  }

  #checkCharacters(characters: number): void {
    const { maxKeptCharacters } = this.#limits;
    if (characters <= maxKeptCharacters) return;
    const what = `what its files and links say has more than ${maxKeptCharacters} characters`;
    throw new ClairError('bytes/limit-exceeded', `${this.#where}: ${what}`);
  }

  #checkCount(): void {
    if (this.#kept.size + this.#whiteouts.size + this.#opaque.size <= this.#limits.maxWantedFiles) return;
    const what = `more than ${this.#limits.maxWantedFiles} members at paths that detectors want`;
    throw new ClairError('bytes/limit-exceeded', `${this.#where}: ${what}`);
  }
}

/** In an ACI a hard link may be to what lies beside the root of the image. */
function isInImage(target: string): boolean {
  return !target.startsWith('../');
}

/** One problem, however many detectors would have read the file. */
function outsideOf(path: string, target: string, detectors: readonly Detector[]): Readings {
  const message = `it is a hard link to ${shownName(target)}, which is not in the image`;
  const findings: FileFindings = { problems: [{ code: 'link-unresolved', message, where: path }] };
  return new Map(detectors.slice(0, 1).map((detector) => [detector, findings]));
}

/** Copies findings, whose texts are parts of the text of the whole file and would keep it in memory. */
function copyOf(findings: FileFindings): FileFindings {
  return JSON.parse(JSON.stringify(findings));
}

function packageCount(kept: Kept): number {
  if ('entry' in kept) return 0;
  return [...kept.readings.values()].reduce((sum, { packages }) => sum + (packages?.length ?? 0), 0);
}

function keptCharacters(kept: Kept): number {
  if (!('entry' in kept)) return ENTRY_CHARACTERS + JSON.stringify([...kept.readings.values()]).length;
  const { entry } = kept;
  return ENTRY_CHARACTERS + (entry.kind === 'symlink' || entry.kind === 'hardlink' ? entry.target.length : 0);
}

/** Unites what several detectors read from one file. */
function merge(readings: Readings): FileFindings {
  const all = [...readings.values()];
  const facts = all.flatMap(({ release }) => Object.entries(release ?? {}));
  const hasRelease = all.some(({ release }) => release !== undefined);
  const packages = all.flatMap((findings) => (findings.packages === undefined ? [] : [findings.packages]));
  // What a database says together with its log replaces what the file says by itself, so that has to be of one detector.
  const content = all.length === 1 ? all[0]?.content : undefined;
  const contentSets = all.flatMap((findings) => (findings.contentSets === undefined ? [] : [findings.contentSets]));
  return {
    ...(hasRelease && { release: Object.fromEntries(facts) }),
    ...(packages.length > 0 && { packages: packages.flat() }),
    ...(contentSets.length > 0 && { contentSets: contentSets.flat() }),
    ...(content !== undefined && { content }),
    problems: all.flatMap(({ problems }) => problems),
  };
}
