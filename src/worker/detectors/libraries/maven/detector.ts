import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { ARCHIVE_SUFFIXES } from './archive-names.ts';
import type { JarLibrary } from './jar-libraries.ts';
import { readLibraries } from './read-libraries.ts';

/** Reads the libraries in Java archives, and in the archives inside them. */
export const javaArchives: Detector = {
  id: 'java-archives',
  kind: 'features',
  version: 1,
  wants: ARCHIVE_SUFFIXES.map((suffix) => ({ kind: 'suffix', suffix })),
  read: readJavaArchive,
  coverage: {
    use: 'Java archives (`.jar`, `.war`, `.ear` and others) and those inside them, by `pom.properties`, else `pom.xml`, the manifest and the file name',
    notes: [
      'Libraries that were copied into an archive have the flag `bundled`. They are found by their descriptors, also if their classes were renamed.',
      'Without a descriptor the group is uncertain: only the artifact is listed, and each group that the manifest and the packages of the classes name is matched.',
      'log4j-core is also found by its class `JndiLookup`. If the version is unknown, the result is incomplete.',
      'Archives with sources, documentation or tests are not read, nor are `pom.xml` files outside of archives.',
    ],
  },
};

function readJavaArchive(path: string, bytes: Uint8Array): FileFacts {
  const { libraries, diagnostics } = readLibraries(path, bytes);
  return {
    ...(libraries.length > 0 && { features: libraries.map((each) => ({ feature: featureOf(each), path: each.path })) }),
    diagnostics,
  };
}

function featureOf({ name, version, isBundled }: JarLibrary): LibraryPackage {
  return { type: 'maven', name, version, ...(isBundled && { flags: ['bundled'] }) };
}
