import { type Package, packageIdentity } from '../../model/package.ts';
import type { FileFindings } from '../detectors/detector.ts';

/** The packages that some files list, made so that the files of the next layer cost only what is new and gone. */
export type PackageCensus = {
  readonly files: ReadonlySet<FileFindings>;
  /** By identity: a package that several files list is one. */
  readonly packages: ReadonlyMap<string, Package>;
  /** How many files list a package, by identity, where several do. */
  readonly repeated: ReadonlyMap<string, number>;
  /** Whether there are more packages than were taken. */
  readonly isCut: boolean;
};

/** The packages of no files. */
export const NO_PACKAGES: PackageCensus = {
  files: new Set(),
  packages: new Map(),
  repeated: new Map(),
  isCut: false,
};

/** Gives the packages of `files`, up to `limit` of them, by what is known of the files of the layer below. */
export function takeCensus(below: PackageCensus, files: ReadonlySet<FileFindings>, limit: number): PackageCensus {
  const added = [...files].filter((file) => !below.files.has(file));
  const gone = [...below.files].filter((file) => !files.has(file));
  const isAnew = below.isCut || below.files.size === 0 || added.length + gone.length > files.size;
  const packages = new Map(isAnew ? [] : below.packages);
  const repeated = new Map(isAnew ? [] : below.repeated);
  if (!isAnew) for (const file of gone) leave({ packages, repeated }, file);
  let isCut = false;
  for (const file of isAnew ? files : added) isCut = !enter({ packages, repeated }, file, limit) || isCut;
  // Which packages are beyond the limit depends on the order of the files, and not on that of the layers.
  return isCut && !isAnew ? takeCensus(NO_PACKAGES, files, limit) : { files, packages, repeated, isCut };
}

type Counts = { readonly packages: Map<string, Package>; readonly repeated: Map<string, number> };

/** Adds the packages of a file; tells whether there was room for all of them. */
function enter({ packages, repeated }: Counts, file: FileFindings, limit: number): boolean {
  let hasRoom = true;
  for (const each of file.packages ?? []) {
    const identity = packageIdentity(each);
    if (packages.has(identity)) repeated.set(identity, (repeated.get(identity) ?? 1) + 1);
    else if (packages.size < limit) packages.set(identity, each);
    else hasRoom = false;
  }
  return hasRoom;
}

function leave({ packages, repeated }: Counts, file: FileFindings): void {
  for (const each of file.packages ?? []) {
    const identity = packageIdentity(each);
    const files = repeated.get(identity) ?? 1;
    if (files > 2) repeated.set(identity, files - 1);
    else if (!repeated.delete(identity)) packages.delete(identity);
  }
}
