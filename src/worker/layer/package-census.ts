import { type Package, packageIdentity } from '../../model/package.ts';
import type { FileFindings } from '../detectors/detector.ts';

/** The packages that some files list, made so that the files of the next layer cost only what is new and gone. */
export type PackageCensus = {
  readonly files: ReadonlySet<FileFindings>;
  /** By identity: a package that several files list is one. */
  readonly packages: ReadonlyMap<string, CountedPackage>;
  /** Whether there are more packages than were taken. */
  readonly isCut: boolean;
};

type CountedPackage = { readonly package: Package; readonly files: number };

/** The packages of no files. */
export const NO_PACKAGES: PackageCensus = { files: new Set(), packages: new Map(), isCut: false };

/** Gives the packages of `files`, up to `limit` of them, by what is known of the files of the layer below. */
export function takeCensus(below: PackageCensus, files: ReadonlySet<FileFindings>, limit: number): PackageCensus {
  const added = [...files].filter((file) => !below.files.has(file));
  const gone = [...below.files].filter((file) => !files.has(file));
  const isAnew = below.isCut || below.files.size === 0 || added.length + gone.length > files.size;
  const packages = new Map(isAnew ? [] : below.packages);
  if (!isAnew) for (const file of gone) leave(packages, file);
  let isCut = false;
  for (const file of isAnew ? files : added) isCut = !enter(packages, file, limit) || isCut;
  // Which packages are beyond the limit depends on the order of the files, and not on that of the layers.
  return isCut && !isAnew ? takeCensus(NO_PACKAGES, files, limit) : { files, packages, isCut };
}

/** Adds the packages of a file; tells whether there was room for all of them. */
function enter(packages: Map<string, CountedPackage>, file: FileFindings, limit: number): boolean {
  let hasRoom = true;
  for (const each of file.packages ?? []) {
    const identity = packageIdentity(each);
    const known = packages.get(identity);
    if (known !== undefined) packages.set(identity, { package: known.package, files: known.files + 1 });
    else if (packages.size < limit) packages.set(identity, { package: each, files: 1 });
    else hasRoom = false;
  }
  return hasRoom;
}

function leave(packages: Map<string, CountedPackage>, file: FileFindings): void {
  for (const each of file.packages ?? []) {
    const identity = packageIdentity(each);
    const known = packages.get(identity);
    if (known === undefined) continue;
    if (known.files > 1) packages.set(identity, { package: known.package, files: known.files - 1 });
    else packages.delete(identity);
  }
}
