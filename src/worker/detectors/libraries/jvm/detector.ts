import { shownName } from '../../../../bytes/tar/name.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { javaVersion } from './java-version.ts';
import { readReleaseFile } from './release-file.ts';

/** Reads Java runtimes, which have a file `release` beside `bin`. */
export const javaRuntimes: Detector = {
  id: 'java-runtimes',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'basename', name: 'release' }],
  read: readRuntime,
  coverage: {
    use: 'Java runtimes, by their file `release`: `openjdk`, or `oracle-jdk` for builds that Oracle sells; matched as `java` of Bitnami',
    notes: ['A version such as 1.8.0_392-b08 is listed as 8.0.392+8.'],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readRuntime(path: string, bytes: Uint8Array): FileFacts {
  const fields = readReleaseFile(bytes);
  const written = fields.get('JAVA_RUNTIME_VERSION') ?? fields.get('JAVA_VERSION');
  if (written === undefined) return NOTHING;
  const version = javaVersion(written);
  if (version === undefined) {
    const message = `${shownName(path)} was skipped: it has an invalid version of Java`;
    return { diagnostics: [{ code: 'library-unreadable', message, where: path }] };
  }
  const name = isSoldByOracle(fields) ? 'oracle-jdk' : 'openjdk';
  return { features: [{ feature: { type: 'generic', name, version, matchedAs: 'java' }, path }], diagnostics: [] };
}

/** Oracle also builds OpenJDK; the builds that Oracle sells contain parts that are not open source. */
function isSoldByOracle(fields: ReadonlyMap<string, string>): boolean {
  const isOfOracle = fields.get('IMPLEMENTOR')?.startsWith('Oracle') ?? true;
  return isOfOracle && (fields.get('BUILD_TYPE') === 'commercial' || / open:/.test(fields.get('SOURCE') ?? ''));
}
