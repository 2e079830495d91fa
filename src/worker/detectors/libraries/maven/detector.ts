import { zipInMemory } from '../../../../bytes/zip/bytes.ts';
import { createZipTotals, type ZipTotals } from '../../../../bytes/zip/totals.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Detector, FileFacts, FileStream } from '../../detector.ts';
import { suffixNotations } from './archive-names.ts';
import type { JarLibrary } from './jar-libraries.ts';
import { type LibrariesRead, readLibraries, streamLibraries } from './read-libraries.ts';

/** Larger archives are read in one forward pass, which inflates members of unknown size. */
const MAX_BYTES_IN_MEMORY = 64 * 1024 * 1024;

const ARCHIVES: Omit<Detector, 'read'> = {
  id: 'java-archives',
  kind: 'features',
  version: 7,
  wants: suffixNotations().map((suffix) => ({ kind: 'suffix', suffix })),
  coverage: {
    use: 'Java archives (`.jar`, `.war`, `.ear` and others) and archives inside them, from `pom.properties`; otherwise from `pom.xml`, the manifest and the file name',
    notes: [
      'Libraries that were copied into an archive have the flag `bundled`. Clair finds these libraries by their descriptors, even if their classes were renamed.',
      'Without a POM, the group is uncertain: Clair lists only the artifact, and matches it with each group that the manifest or the Java packages suggest.',
      'log4j-core is also found by its class `JndiLookup`. A library of unknown version makes the report incomplete if its group is unknown, or if an advisory names a library in the same domain. The domain of the group `org.example.web` is `org.example`. Usually, no advisory names a library in the domain of your own applications.',
      'Archives with sources, documentation or tests are not read, nor are `pom.xml` files outside of archives.',
    ],
  },
};

/** Reads the libraries in Java archives, and in the archives inside them. */
export const javaArchives: Detector = {
  ...ARCHIVES,
  ...readersOf(),
  forLayer: () => ({ ...ARCHIVES, ...readersOf(createZipTotals()) }),
};

/** @param totals counts all archives of a layer against the limits; by default, each archive has its own limits */
function readersOf(totals?: ZipTotals): Pick<Detector, 'read' | 'readChunks' | 'stream'> {
  return {
    read: (path, bytes) => facts(readLibraries(path, zipInMemory(bytes), totals)),
    readChunks: (path, bytes) => facts(readLibraries(path, bytes, totals)),
    stream: { aboveBytes: MAX_BYTES_IN_MEMORY, open: (path) => openArchive(path, totals) },
  };
}

function facts({ libraries, diagnostics }: LibrariesRead): FileFacts {
  return {
    ...(libraries.length > 0 && { features: libraries.map((each) => ({ feature: featureOf(each), path: each.path })) }),
    diagnostics,
  };
}

function openArchive(path: string, totals?: ZipTotals): FileStream {
  const { write, end } = streamLibraries(path, totals);
  return { write, end: () => facts(end()) };
}

function featureOf({ name, version, candidates = [], isBundled }: JarLibrary): LibraryPackage {
  return {
    type: 'maven',
    name,
    version,
    ...(candidates.length > 0 && { candidates: candidates.toSorted() }),
    ...(isBundled && { flags: ['bundled'] }),
  };
}
