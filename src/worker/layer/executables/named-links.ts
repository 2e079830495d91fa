import { ChunkedBytes } from '../../../bytes/chunks/chunked-bytes.ts';
import { shownName } from '../../../bytes/tar/name.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import type { Readings } from '../file-readings.ts';
import { createProgramBytes, type ProgramBytes } from './program-bytes.ts';

/** Reads programs under the names of their hard links. */
export type NamedLinks = {
  /** Keeps the content of a program for later hard links. */
  readonly keep: (path: string, bytes: ChunkedBytes, readings: Readings) => void;
  /**
   * Returns the readings of a hard link at `path`. A detector that selects programs by name reads the content again if
   * the content is still in memory. Otherwise, the readings of the target are used, with a diagnostic if the name
   * selects the program and no such detector read the target.
   *
   * @param moved the readings of the target, moved to `path`
   */
  readonly withName: (path: string, target: string, moved: Readings, read: ReadBytes) => Readings;
};

type ReadBytes = (detector: Detector, bytes: ChunkedBytes) => FileFacts;

/** Creates the list of an empty layer. An archive contains the content of a file only at the first of its names. */
export function createNamedLinks(
  detectors: readonly Detector[],
  programs: ProgramBytes = createProgramBytes(),
): NamedLinks {
  const byName = detectors.filter(({ isNamed }) => isNamed !== undefined);
  return {
    keep(path, bytes, readings) {
      const start = startOf(readings);
      if (start !== undefined && byName.length > 0) programs.keep(path, start, bytes);
    },
    withName(path, target, moved, read) {
      const named = byName.filter(({ isNamed }) => isNamed?.(path) === true);
      const [first] = named;
      const start = first && startOf(moved);
      if (first === undefined || start === undefined) return moved;
      const bytes = programs.at(originOf(moved) ?? target, start);
      if (bytes === undefined) {
        const isKnown = named.some((detector) => moved.has(detector));
        return isKnown ? moved : new Map([...moved, [first, unread(path)]]);
      }
      const content = new ChunkedBytes([bytes]);
      const found = named.map((detector) => [detector, read(detector, content)] as const);
      return new Map([...moved, ...found.filter(([, { features = [] }]) => features.length > 0)]);
    },
  };
}

function startOf(readings: Readings): string | undefined {
  for (const { executable } of readings.values()) if (executable !== undefined) return executable.start;
  return undefined;
}

function originOf(readings: Readings): string | undefined {
  for (const { executable } of readings.values()) if (executable?.of !== undefined) return executable.of;
  return undefined;
}

function unread(path: string): FileFacts {
  const message = `${shownName(path)} is a hard link to a program that was read under another name and could not be read again, so its version is unknown`;
  return { diagnostics: [{ code: 'binary-unidentified', message, where: path }] };
}
