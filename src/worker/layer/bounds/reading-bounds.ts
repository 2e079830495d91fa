import { shownName } from '../../../bytes/tar/name.ts';
import { ClairError } from '../../../errors.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { Detector, ProgramFacts } from '../../detectors/detector.ts';
import { withoutLongTexts } from '../features/long-texts.ts';
import { diagnosticOf, type Readings, withFacts } from '../file-readings.ts';
import { amountsOf, type ReadingAmounts } from '../kept-path.ts';
import type { LayerLimits } from '../limits.ts';

/** A file before its content is read; `size` is the full size of a sparse file. */
export type UnreadFile = { readonly path: string; readonly size: number };

/**
 * The bounds of what detectors read from the files of a layer. Real layers can exceed most of these bounds, so the rest
 * is left out and the reading of the layer continues. Only the total size of the files at fixed paths ends the reading,
 * because real layers are far below this bound.
 */
export type ReadingBounds = {
  /**
   * Counts a file at a fixed path.
   *
   * @throws ClairError `bytes/limit-exceeded` if the files at fixed paths are too large together
   */
  readonly addAtFixedPath: (file: UnreadFile) => void;
  /** Counts a file that is collected as a whole. Returns false, and does not count the file, if it is not to be read. */
  readonly addCollected: (file: UnreadFile) => boolean;
  /** Counts a file that is read while it arrives. Returns false, and does not count the file, if it does not fit. */
  readonly addStreamed: (file: UnreadFile) => boolean;
  /** Returns the readings of a file that `addCollected` refuses: a diagnostic with the reason. */
  readonly refused: (file: UnreadFile, detectors: readonly Detector[]) => Readings;
  /** Returns the part of a file's readings that fits, with diagnostics about the rest. Counts nothing. */
  readonly fitting: (path: string, readings: Readings) => Readings;
  /** Counts the amounts of kept readings. */
  readonly add: (amounts: ReadingAmounts) => void;
  /** Subtracts the amounts of dropped readings. */
  readonly subtract: (amounts: ReadingAmounts) => void;
};

type Limits = Pick<
  LayerLimits,
  | 'maxWantedBytes'
  | 'maxFileBytes'
  | 'maxBytesAnywhere'
  | 'maxPackages'
  | 'maxOwnedCharacters'
  | 'maxFunctionCharacters'
>;

/** Creates the bounds of a layer from which nothing has been read. @param where the name of the layer, for errors */
export function createReadingBounds(limits: Limits, where: string): ReadingBounds {
  const { maxWantedBytes, maxFileBytes, maxBytesAnywhere } = limits;
  const { maxPackages, maxOwnedCharacters, maxFunctionCharacters } = limits;
  let bytesAtFixedPaths = 0;
  let bytesAnywhere = 0;
  let packages = 0;
  let ownedCharacters = 0;
  let functionCharacters = 0;
  let areOwnersCut = false;

  const addStreamed = ({ size }: UnreadFile): boolean => {
    if (bytesAnywhere + size > maxBytesAnywhere) return false;
    bytesAnywhere += size;
    return true;
  };
  return {
    addAtFixedPath({ path, size }) {
      bytesAtFixedPaths += size;
      if (bytesAtFixedPaths <= maxWantedBytes) return;
      const what = `member ${shownName(path)}: the files to read exceed ${maxWantedBytes} bytes`;
      throw new ClairError('bytes/limit-exceeded', `${where}: ${what}`);
    },
    addCollected: (file) => file.size <= maxFileBytes && addStreamed(file),
    addStreamed,
    refused({ path, size }, detectors) {
      const reason =
        size > maxFileBytes
          ? `it exceeds the limit of ${maxFileBytes} bytes per file`
          : `the files to search in a layer exceed the total limit of ${maxBytesAnywhere} bytes`;
      const message = `${shownName(path)} was not searched for packages: ${reason}`;
      return diagnosticOf(detectors, { code: 'package-limit-reached', message, where: path });
    },
    fitting(path, readings) {
      const read = amountsOf(readings);
      const areFunctionsCut = functionCharacters + read.functionCharacters > maxFunctionCharacters;
      const known = areFunctionsCut ? withoutFunctions(readings, maxFunctionCharacters) : readings;
      const rest = firstPackages(withoutLongTexts(known, path), maxPackages - packages, path, maxPackages);
      if (read.ownedCharacters === 0) return rest;
      if (!areOwnersCut && ownedCharacters + read.ownedCharacters <= maxOwnedCharacters) return rest;
      // One diagnostic for the layer suffices.
      const diagnostics = areOwnersCut ? [] : [ownersCut(path, maxOwnedCharacters)];
      areOwnersCut = true;
      return withoutOwners(rest, diagnostics);
    },
    add(amounts) {
      packages += amounts.packages;
      ownedCharacters += amounts.ownedCharacters;
      functionCharacters += amounts.functionCharacters;
    },
    subtract(amounts) {
      packages -= amounts.packages;
      ownedCharacters -= amounts.ownedCharacters;
      functionCharacters -= amounts.functionCharacters;
    },
  };
}

/** Limits readings to `room` packages and other features, with a diagnostic if some are dropped. */
function firstPackages(readings: Readings, room: number, path: string, maxPackages: number): Readings {
  let left = room;
  return withFacts(readings, (facts) => {
    const packages = facts.packages?.slice(0, left);
    left -= packages?.length ?? 0;
    const features = facts.features?.slice(0, left);
    left -= features?.length ?? 0;
    const isWhole = packages?.length === facts.packages?.length && features?.length === facts.features?.length;
    if (isWhole) return facts;
    const message = `the layer has more than ${maxPackages} packages; the rest of ${shownName(path)} was not read`;
    const diagnostic = { code: 'package-limit-reached', message, where: path } as const;
    const diagnostics = [...facts.diagnostics, diagnostic];
    return { ...facts, ...(packages && { packages }), ...(features && { features }), diagnostics };
  });
}

/** Marks the functions of programs as unknown, because the functions in the layer exceed `maxCharacters`. */
function withoutFunctions(readings: Readings, maxCharacters: number): Readings {
  const unknown = `the functions of the programs in the layer exceed ${maxCharacters} characters`;
  return withFacts(readings, (facts) => {
    const programs = facts.programs?.map(({ path, os, arch }): ProgramFacts => ({ path, os, arch, unknown }));
    return programs === undefined ? facts : { ...facts, programs };
  });
}

/** Replaces the owned paths of readings with diagnostics. */
function withoutOwners(readings: Readings, diagnostics: readonly Diagnostic[]): Readings {
  return withFacts(readings, (facts) => {
    const { ownedPaths, ...others } = facts;
    return ownedPaths === undefined ? facts : { ...others, diagnostics: [...others.diagnostics, ...diagnostics] };
  });
}

function ownersCut(path: string, maxOwnedCharacters: number): Diagnostic {
  const message = `the paths in the package file lists of the layer exceed ${maxOwnedCharacters} characters; ${shownName(path)} and later lists were not read`;
  return { code: 'file-list-limit-reached', message, where: path };
}
