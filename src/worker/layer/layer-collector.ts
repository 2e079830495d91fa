import { ChunkedBytes } from '../../bytes/chunks/chunked-bytes.ts';
import {
  START_BYTES,
  type TarEntry,
  type TarVisitor,
  type TarWish,
  type UnneededParts,
} from '../../bytes/tar/entry.ts';
import type { Detector, FileFacts } from '../detectors/detector.ts';
import { createUnneededParts } from '../detectors/libraries/executables/unneeded-parts.ts';
import { createLayerCounts, type LayerCounts } from './bounds/layer-counts.ts';
import { createReadingBounds, type ReadingBounds } from './bounds/reading-bounds.ts';
import { createSeparateRoom, type SeparateRoom } from './bounds/separate-room.ts';
import type { BigFileWatch } from './big-file-watch.ts';
import { isExecutableStart } from './patterns/executable-start.ts';
import {
  DIGEST_PART_BYTES,
  DIGESTED_FILE_BYTES,
  fileEntry,
  isSilent,
  openStreams,
  readingOf,
  type Readings,
  wishOfAll,
  withoutSilence,
} from './file-readings.ts';
import { amountsOf, boundOf, type Kept, keptCharacters, type KeptPath, NO_AMOUNTS } from './kept-path.ts';
import type { LayerEntry, LayerContents } from './layer-contents.ts';
import { type LayerLayout, memberInImage } from './layer-layout.ts';
import type { LayerLimits } from './limits.ts';
import { createHardLinks, type HardLinks } from './links/hard-links.ts';
import {
  ancestorsOf,
  detectorsOfName,
  detectorsOfPath,
  fixedRole,
  indexPatterns,
  isFollowedLink,
  NO_ROLE,
  type PathRole,
  type PatternIndex,
} from './patterns/pattern-index.ts';
import { createPathList, type PathListWriter } from './tree/path-list.ts';
import { whiteoutOfPath } from './whiteout.ts';

/**
 * Keeps only the members of an archive that {@link LayerContents} needs. Later members replace earlier members with the
 * same path, as in unpacking, so the size of the kept data depends on the facts that detectors find, not on the size of
 * the archive.
 */
export class LayerCollector implements TarVisitor {
  readonly #index: PatternIndex;
  readonly #layout: LayerLayout;
  readonly #limits: LayerLimits;
  /** The kept paths, in archive order. */
  readonly #kept = new Map<string, KeptPath>();
  readonly #whiteouts = new Set<string>();
  readonly #opaque = new Set<string>();
  /**
   * For each path above wanted paths: the position of the last member that replaced the path with something other than
   * a directory, and so removed everything below the path.
   */
  readonly #cleared = new Map<string, number>();
  /** The directories above the files and links that are kept without a fixed pattern. */
  readonly #above = new Set<string>();
  readonly #others: PathListWriter;
  readonly #bigFiles: BigFileWatch;
  readonly #hardLinks: HardLinks;
  /** The current member and the role of its path, until its first bytes are known. */
  #undecided: TarEntry | null = null;
  #role: PathRole | null = null;
  #order = 0;
  readonly #bounds: ReadingBounds;
  readonly #counts: LayerCounts;
  readonly #room: SeparateRoom;

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
    this.#others = createPathList(limits.maxOtherCharacters);
    this.#bounds = createReadingBounds(limits, where);
    this.#counts = createLayerCounts(limits, where);
    this.#room = createSeparateRoom(limits);
    const earlier = {
      at: (path: string) => (this.#isStanding(path) ? this.#kept.get(path)?.what : undefined),
      isKept: this.isKept,
      isStanding: (path: string, order: number) => this.#isStanding(path, order),
      others: () => this.#others.list(),
    };
    const read = this.#read.bind(this);
    this.#hardLinks = createHardLinks(detectors, this.#index, limits, earlier, read);
  }

  /**
   * Records a member, and returns whether and in which form its content is wanted ({@link TarWish}).
   *
   * @throws ClairError `bytes/limit-exceeded` when the layer contains too much wanted data.
   */
  readonly entry = (member: TarEntry): TarWish => {
    const entry = memberInImage(member, this.#layout);
    if (entry === null || entry.path === '') return false;
    const whiteout = this.#layout === 'docker' ? whiteoutOfPath(entry.path) : null;
    if (whiteout !== null) {
      if (whiteout.kind === 'path') this.#hide(whiteout.path, this.#whiteouts);
      if (whiteout.kind === 'opaque') this.#hide(whiteout.directory, this.#opaque);
      return false;
    }
    const role = fixedRole(entry.path, this.#index);
    this.#hardLinks.drop(entry.path);
    if (entry.kind === 'file') {
      if (role !== null && role.detectors.length > 0) {
        this.#bounds.addAtFixedPath(entry);
        this.#bigFiles.takeForFile(entry.path, entry.size);
        return true;
      }
      const detectors = detectorsOfName(entry.path, this.#index);
      if (detectors.length > 0) return this.#takeNamed(entry, role, detectors);
      if (this.#hardLinks.mayWant(entry)) return true;
      if (this.#index.executables.length > 0 && entry.size >= START_BYTES) {
        this.#undecided = entry;
        this.#role = role;
        return 'start';
      }
    }
    this.#passOver(entry, role);
    return false;
  };

  /** The number of listed members that no detector reads. */
  get listed(): number {
    return this.#others.length;
  }
  readonly isKept = (path: string): boolean => this.#kept.has(path);

  /** A file with unknown first bytes may be an executable. */
  readonly start = (_: TarEntry, bytes: Uint8Array | null): boolean => {
    const [entry, role] = [this.#undecided, this.#role];
    if (entry === null) return false;
    const isSparse = bytes === null;
    if (isSparse ? entry.size > this.#limits.maxFileBytes : !isExecutableStart(bytes)) {
      this.#passOver(entry, role);
      return false;
    }
    if (!this.#mayCollect(entry, role, this.#index.executables)) return false;
    // The whole of a sparse file is kept in memory; for other files, `unneeded` takes the turn.
    if (isSparse) this.#bigFiles.takeForFile(entry.path, entry.size);
    return true;
  };

  /** Returns the parts of a large program that need not be read; undefined if the whole file is needed. */
  readonly unneeded = (member: TarEntry): UnneededParts | undefined => {
    // The digest covers all bytes of a smaller file.
    if (member.size <= DIGESTED_FILE_BYTES) return undefined;
    const entry = memberInImage(member, this.#layout);
    if (entry === null) return undefined;
    const { path, size } = entry;
    if (this.#isSelectedByPath(path)) {
      this.#bigFiles.takeForFile(path, size);
      return undefined;
    }
    return createUnneededParts(size, DIGEST_PART_BYTES, (needed) => this.#bigFiles.takeForProgram(path, needed));
  };

  readonly content = (member: TarEntry, bytes: Uint8Array): void => this.#readAll(member, new ChunkedBytes([bytes]));
  readonly chunks = (member: TarEntry, bytes: ChunkedBytes): void => this.#readAll(member, bytes, true);

  #readAll(member: TarEntry, bytes: ChunkedBytes, isFreed = false): void {
    const entry = memberInImage(member, this.#layout);
    if (entry === null) return;
    const { path } = entry;
    const [role, named] = [fixedRole(path, this.#index), detectorsOfPath(path, this.#index)];
    const executables = isExecutableStart(bytes.range(0, START_BYTES)) ? this.#index.executables : [];
    const detectors = new Set([...named, ...executables]);
    const readings = new Map([...detectors].map((detector) => [detector, this.#read(detector, path, bytes)]));
    this.#hardLinks.keepProgram(path, bytes, readings);
    this.#bigFiles.give({ isFreed: isFreed && named.length === 0 });
    this.#keepReadings(entry, role, readings);
    if (detectors.size > 0 || !this.#hardLinks.keepUnread(path, bytes.whole(), ++this.#order)) return;
    for (const ancestor of ancestorsOf(path)) this.#above.add(ancestor);
  }

  contents(outside: number): LayerContents {
    const entries: LayerEntry[] = [];
    const opaque = new Set(this.#opaque);
    for (const [path, { what }] of this.#kept) {
      if (!this.#isStanding(path)) continue;
      entries.push('readings' in what ? fileEntry(path, what.readings) : what.entry);
      // The directory replaces another member of this layer, so the directory hides the layers below.
      if ('entry' in what && what.entry.kind === 'directory' && this.#cleared.has(path)) opaque.add(path);
    }
    const others = this.#others.list();
    const programLinks = this.#hardLinks.toPrograms.list();
    const moreExecutables = this.#room.moreExecutables() + this.#hardLinks.toPrograms.more();
    return {
      whiteouts: [...this.#whiteouts],
      opaque: [...opaque],
      entries,
      ...(others && { others }),
      ...(programLinks.length > 0 && { programLinks }),
      ...(this.#room.areLinksCut() && { areLinksCut: true }),
      ...(moreExecutables > 0 && { moreExecutables }),
      outside,
    };
  }

  /** Reads a large file while it arrives, if its detectors support this. */
  #takeNamed(entry: TarEntry, role: PathRole | null, detectors: readonly Detector[]): TarWish {
    const stream = openStreams(detectors, entry, (characters) => this.#counts.checkCharacters(characters));
    if (stream !== undefined && this.#bounds.addStreamed(entry))
      return { write: stream.write, end: () => this.#keepReadings(entry, role, stream.end()) };
    if (!this.#mayCollect(entry, role, detectors)) return false;
    this.#bigFiles.takeForFile(entry.path, entry.size);
    return wishOfAll(detectors);
  }

  /**
   * Returns whether a detector selects a file by its path. Such a detector searches all bytes of a program; other
   * detectors need only parts of a program.
   */
  #isSelectedByPath(path: string): boolean {
    return (
      detectorsOfPath(path, this.#index).length > 0 ||
      this.#index.executables.some(({ isNamed }) => isNamed?.(path) === true)
    );
  }

  #keepReadings(entry: TarEntry, role: PathRole | null, all: Readings): void {
    const readings = withoutSilence(all, this.#index.executables);
    const isUnwanted = (role?.detectors.length ?? 0) === 0 && [...readings.values()].every(isSilent);
    if (isUnwanted || !this.#hasRoomFor(entry.path, role, { readings })) this.#passOver(entry, role);
    else this.#keep(entry.path, role, { readings });
  }

  /** Counts a file that matches no fixed pattern. Keeps a diagnostic and returns false if the file is not to be read. */
  #mayCollect(entry: TarEntry, role: PathRole | null, detectors: readonly Detector[]): boolean {
    if (this.#bounds.addCollected(entry)) return true;
    this.#keep(entry.path, role, { readings: this.#bounds.refused(entry, detectors) });
    return false;
  }

  #passOver(entry: TarEntry, role: PathRole | null): void {
    const isFollowed = role === null && entry.kind === 'symlink' && isFollowedLink(entry.path, this.#index);
    const kept = this.#withoutContent(entry, isFollowed ? NO_ROLE : role);
    if (kept === undefined || !this.#hasRoomFor(entry.path, role, kept, isFollowed)) this.#list(entry);
    else this.#keep(entry.path, role, kept, isFollowed);
  }

  #hasRoomFor(path: string, role: PathRole | null, kept: Kept, isFollowed = false): boolean {
    return this.#room.fits(boundOf(role, kept, isFollowed), () => path.length + keptCharacters(kept));
  }

  /** Lists an unwanted member that may replace something wanted in the layers below. */
  #list({ path, kind }: TarEntry): void {
    if (!this.#index.isAnywhere) return;
    // The dropped member may have replaced a member of the layers below, so its path is listed, too.
    if (this.#drop(path) && kind === 'directory') this.#others.add(path);
    if (kind !== 'directory' && this.#above.has(path)) this.#cleared.set(path, ++this.#order);
    this.#others.add(kind === 'directory' ? `${path}/` : path);
  }

  #read(detector: Detector, path: string, bytes: ChunkedBytes): FileFacts {
    return readingOf(detector, path, bytes, this.#limits, (characters) => this.#counts.checkCharacters(characters));
  }

  /** Returns what to keep of a member whose content is not read; undefined if nothing is to be kept. */
  #withoutContent(entry: TarEntry, role: PathRole | null): Kept | undefined {
    const { path } = entry;
    if (entry.kind === 'hardlink' && role === null) return this.#hardLinks.anywhere(path, entry.target);
    if (role === null) return undefined;
    if (entry.kind === 'hardlink') return this.#hardLinks.atFixedPath(path, entry.target, role);
    if (entry.kind === 'directory') return { entry: { kind: 'directory', path } };
    const isLink = entry.kind === 'symlink' && entry.target.length <= this.#limits.maxLinkCharacters;
    return isLink ? { entry: { kind: 'symlink', path, target: entry.target } } : { entry: { kind: 'other', path } };
  }

  #keep(path: string, role: PathRole | null, what: Kept, isFollowed = false): void {
    const order = ++this.#order;
    const isDirectory = 'entry' in what && what.entry.kind === 'directory';
    if (!isDirectory && (role?.above === true || this.#above.has(path))) this.#cleared.set(path, order);
    if (role === null) for (const ancestor of ancestorsOf(path)) this.#above.add(ancestor);
    // The member is dropped first, so that the map keeps the archive order of the valid members.
    this.#drop(path);
    const fitting = 'entry' in what ? what : { readings: this.#bounds.fitting(path, what.readings) };
    const amounts = 'entry' in fitting ? NO_AMOUNTS : amountsOf(fitting.readings);
    this.#bounds.add(amounts);
    const characters = path.length + keptCharacters(fitting);
    const bound = boundOf(role, fitting, isFollowed);
    this.#kept.set(path, { order, what: fitting, bound, amounts, characters });
    if (this.#room.grow(bound, characters)) return;
    this.#counts.addCharacters(characters);
    this.#counts.addPath(bound);
  }

  #drop(path: string): boolean {
    const before = this.#kept.get(path);
    if (before === undefined) return false;
    this.#kept.delete(path);
    this.#bounds.subtract(before.amounts);
    if (!this.#room.grow(before.bound, -before.characters)) this.#counts.subtract(before.bound, before.characters);
    return true;
  }

  #hide(path: string, hidden: Set<string>): void {
    // A hidden path is relevant if it is wanted or a parent of a wanted path; if a pattern matches in any directory,
    // every path can be wanted.
    const isFixed = path === '' || fixedRole(path, this.#index) !== null;
    if (hidden.has(path) || (!isFixed && !this.#index.isAnywhere)) return;
    hidden.add(path);
    this.#counts.addCharacters(path.length);
    this.#counts.addPath(isFixed ? 'fixed' : 'anywhere');
  }

  /** Returns whether a kept member still exists: false when a later member replaced a directory above `path`. */
  #isStanding(path: string, order = this.#kept.get(path)?.order ?? 0): boolean {
    return ancestorsOf(path).every((ancestor) => (this.#cleared.get(ancestor) ?? 0) < order);
  }
}
