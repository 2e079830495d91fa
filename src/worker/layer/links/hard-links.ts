import { ChunkedBytes } from '../../../bytes/chunks/chunked-bytes.ts';
import { shownName } from '../../../bytes/tar/name.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import { createNamedLinks } from '../executables/named-links.ts';
import { createProgramLinks, type ProgramLinks } from '../executables/program-links.ts';
import { keptHardLink } from '../features/long-texts.ts';
import { diagnosticOf, linkedContents, type Readings } from '../file-readings.ts';
import type { Kept } from '../kept-path.ts';
import { isInImage } from '../layer-layout.ts';
import type { LayerLimits } from '../limits.ts';
import { detectorsOfName, type PathRole, type PatternIndex } from '../patterns/pattern-index.ts';
import type { PathList } from '../tree/path-list.ts';
import { createLinkedBytes, type LinkedBytes } from './linked-bytes.ts';

/**
 * Reads hard links. A hard link is a file with the content of its target, but an archive contains the content only at
 * the first of the paths, and other members may replace the target afterwards.
 */
export type HardLinks = {
  /** Returns whether later links may need the content of a file that no detector reads at its own path. */
  readonly mayWant: LinkedBytes['mayWant'];
  /** Keeps the content of a file that no detector read, as {@link LinkedBytes} does. */
  readonly keepUnread: LinkedBytes['keep'];
  /** Keeps the content of a program for links that detectors select by name. */
  readonly keepProgram: (path: string, bytes: ChunkedBytes, readings: Readings) => void;
  /** Forgets the file or link at a path because another member replaces it. */
  readonly drop: (path: string) => void;
  /** Returns what to keep of a link at a fixed path, or above a fixed path. */
  readonly atFixedPath: (path: string, target: string, role: PathRole) => Kept;
  /**
   * Returns what to keep of a link at another path; undefined if the target was not read, and no detector selects the
   * link by its name or the target is outside the image. Such a link may be a program whose target is in a layer below.
   */
  readonly anywhere: (path: string, target: string) => Kept | undefined;
  /** The links to programs of the layers below. */
  readonly toPrograms: Pick<ProgramLinks, 'list' | 'more'>;
};

/** The members of the archive before a link. */
export type EarlierMembers = {
  /** Returns what is kept of a member; undefined also if a later member replaced a directory above `path`. */
  readonly at: (path: string) => Kept | undefined;
  /** Returns whether a member is kept, also if a later member replaced a directory above `path`. */
  readonly isKept: (path: string) => boolean;
  /** Returns whether no member after the place `order` of the archive replaced a directory above `path`. */
  readonly isStanding: (path: string, order: number) => boolean;
  /** Returns the list of the members that no detector reads. */
  readonly others: () => PathList | undefined;
};

/** Reads content with a detector as a file at `path`. */
type ReadFile = (detector: Detector, path: string, bytes: ChunkedBytes) => FileFacts;

/** Creates the reader of the hard links of a layer. */
export function createHardLinks(
  detectors: readonly Detector[],
  index: PatternIndex,
  { maxExecutableCharacters }: Pick<LayerLimits, 'maxExecutableCharacters'>,
  members: EarlierMembers,
  read: ReadFile,
): HardLinks {
  const linkedBytes = createLinkedBytes(detectors);
  const namedLinks = createNamedLinks(index.executables);
  const programLinks = createProgramLinks(maxExecutableCharacters, members.others);

  /** Returns the readings of a link; undefined if they are unknown, because the target was not read by `wanted`. */
  function readingsOf(path: string, target: string, wanted: readonly Detector[]): Readings | undefined {
    const linked = members.at(target);
    if (linked === undefined) return readingsOfUnread(path, target, wanted);
    if ('entry' in linked) return undefined;
    const isWanted = ({ id }: Detector): boolean => wanted.some((detector) => detector.id === id);
    const found = [...linked.readings].filter(([each]) => isWanted(each) || index.executables.includes(each));
    if (found.length === 0 || (wanted.length > 0 && !found.some(([each]) => isWanted(each)))) return undefined;
    const moved = new Map(found.map(([detector, facts]) => [detector, linkedContents(facts, target, path)]));
    return namedLinks.withName(path, target, moved, (detector, bytes) => read(detector, path, bytes));
  }

  /** Reads the content of a target that no detector read at its own path. */
  function readingsOfUnread(path: string, target: string, wanted: readonly Detector[]): Readings | undefined {
    const linked = wanted.length === 0 ? undefined : linkedBytes.at(target);
    if (linked === undefined || !members.isStanding(target, linked.order)) return undefined;
    return new Map(wanted.map((detector) => [detector, read(detector, path, new ChunkedBytes([linked.bytes]))]));
  }

  return {
    mayWant: linkedBytes.mayWant,
    keepUnread: linkedBytes.keep,
    keepProgram: namedLinks.keep,
    drop(path) {
      linkedBytes.drop(path);
      programLinks.drop(path);
    },
    atFixedPath(path, target, { detectors: wanted }) {
      const linked = members.at(target);
      if (linked !== undefined && 'entry' in linked && linked.entry.kind === 'symlink')
        return { entry: { ...linked.entry, path } };
      if (wanted.length === 0) return { entry: { kind: 'other', path } };
      const readings = readingsOf(path, target, wanted);
      if (readings !== undefined) return { readings };
      // The target may be unread, or in a layer below.
      if (isInImage(target)) return keptHardLink(path, target, wanted);
      return { readings: diagnosticOf(wanted, outsideImage(path, target)) };
    },
    anywhere(path, target) {
      if (!index.isAnywhere) return undefined;
      const wanted = detectorsOfName(path, index);
      const readings = readingsOf(path, target, wanted);
      if (readings !== undefined) return { readings };
      if (!isInImage(target)) return undefined;
      if (wanted.length > 0) return keptHardLink(path, target, wanted);
      if (index.executables.length > 0 && !members.isKept(target)) programLinks.add(path, target);
      return undefined;
    },
    toPrograms: programLinks,
  };
}

function outsideImage(path: string, target: string): Diagnostic {
  const message = `${shownName(path)} is a hard link to ${shownName(target)}, which is outside the root of the image`;
  return { code: 'link-unresolved', message, where: path };
}
