import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { LibraryPackage } from '../../../../model/feature.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { settingsOfClassifiers } from '../../engine-version.ts';
import { textFault } from '../library-fields.ts';
import { type Classifier, type ProgramFormat, type ReadyClassifier, readyClassifier } from './classifier.ts';
import { findVersion } from './find-version.ts';
import { createFileTest } from './name-test.ts';

/**
 * Returns the detector of programs that the classifiers recognise.
 *
 * @param own the elements of `classifiers` that a user added
 */
export function classifiedPrograms(classifiers: readonly Classifier[], own: readonly Classifier[] = []): Detector {
  let prepared: readonly ReadyClassifier[] | undefined;
  // Only images that are not indexed yet need the classifiers.
  const readyFor = (path: string): readonly ReadyClassifier[] =>
    isNamed(path) ? (prepared ??= classifiers.map(readyClassifier)) : [];
  // Most programs have no classifier; one test for all classifiers is faster than a test for each.
  const isNamed = createFileTest(classifiers.flatMap(({ files }) => files));
  const names = [...new Set(classifiers.map(({ name }) => name))].toSorted();
  const covered = new Set(classifiers.flatMap(({ name, bitnami }) => (bitnami === undefined ? [] : [name])));
  return {
    id: 'classified-programs',
    kind: 'features',
    version: 3,
    ...settingsOfClassifiers(own),
    wants: [{ kind: 'executable' }],
    isNamed,
    read: (path, bytes) => readProgram(path, new ChunkedBytes([bytes]), readyFor(path)),
    readChunks: (path, bytes) => readProgram(path, bytes, readyFor(path)),
    coverage: {
      use: `programs that no package manager installed, recognised by strings in them: ${names.join(', ')}`,
      notes: [
        `Bitnami advisories cover ${names.filter((name) => covered.has(name)).join(', ')}. No feed covers the other programs, which are listed (\`package-not-covered\`).`,
        'A program is recognised by the name of any of its hard links. A program that a package of the distribution owns is not listed again. Go and programs written in Go are found by `go-programs`.',
        '`--classifiers` and `worker.classifiers` add programs.',
      ],
    },
  };
}

/** Matches the version in a file name, such as `python3.13` or `libpython2.7.so.1.0`. */
const RELEASE = /[0-9]{1,4}\.[0-9]{1,4}/;

function readProgram(path: string, bytes: ChunkedBytes, classifiers: readonly ReadyClassifier[]): FileFacts {
  if (classifiers.length === 0) return { diagnostics: [] };
  const file = path.slice(path.lastIndexOf('/') + 1);
  const format = formatOf(bytes);
  const named = classifiers.filter(({ isAt, formats }) => isAt(path) && formats?.includes(format) !== false);
  if (named.length === 0) return { diagnostics: [] };
  const [release] = RELEASE.exec(file) ?? [];
  const found = new Map<string, LibraryPackage>();
  for (const { name, bitnami, expressionsFor } of named) {
    const version = firstVersion(bytes, expressionsFor(release));
    if (version === undefined || found.has(name) || textFault('version', version) !== undefined) continue;
    found.set(name, { type: 'generic', name, version, ...(bitnami !== undefined && { matchedAs: bitnami }) });
  }
  return {
    ...(found.size > 0 && { features: [...found.values()].map((feature) => ({ feature, path })) }),
    diagnostics: [],
  };
}

/** Every file that starts like an executable and is neither ELF nor PE is Mach-O. */
function formatOf(bytes: ChunkedBytes): ProgramFormat {
  const start = bytes.range(0, 4).toString('latin1');
  if (start === '\x7fELF') return 'elf';
  return start.startsWith('MZ') ? 'pe' : 'mach-o';
}

function firstVersion(
  bytes: ChunkedBytes,
  expressions: ReturnType<ReadyClassifier['expressionsFor']>,
): string | undefined {
  for (const expression of expressions) {
    const version = findVersion(bytes, expression);
    if (version !== undefined) return version;
  }
  return undefined;
}
