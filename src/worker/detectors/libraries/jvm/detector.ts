import { shownName } from '../../../../bytes/tar/name.ts';
import { quotedVersion } from '../../../../versions/keys/invalid-version.ts';
import type { Detector, FileFacts } from '../../detector.ts';
import { textFault } from '../library-fields.ts';
import { javaVersion } from './java-version.ts';
import { readReleaseFile } from './release-file.ts';

/** Reads Java runtimes, which have a `release` file beside `bin`. */
export const javaRuntimes: Detector = {
  id: 'java-runtimes',
  kind: 'features',
  version: 2,
  wants: [{ kind: 'basename', name: 'release' }],
  read: readRuntime,
  coverage: {
    use: 'Java runtimes, by their file `release`: `openjdk`, or `oracle-jdk` for builds that Oracle sells; matched as the Bitnami package `java`',
    notes: [
      'Versions are listed without the additions of the vendor: 21.0.5+11-LTS as 21.0.5+11, and 1.8.0_392-b08 and 8u392-b08 as 8.0.392+8. A runtime with a version that Clair cannot compare is listed but not matched.',
    ],
  },
};

const NOTHING: FileFacts = { diagnostics: [] };

function readRuntime(path: string, bytes: Uint8Array): FileFacts {
  const fields = readReleaseFile(bytes);
  const written = fields.get('JAVA_RUNTIME_VERSION') ?? fields.get('JAVA_VERSION');
  if (written === undefined) return NOTHING;
  const fault = textFault('version', written);
  if (fault !== undefined) {
    const message = `${shownName(path)} was skipped: it has ${fault}`;
    return { diagnostics: [{ code: 'library-unreadable', message, where: path }] };
  }
  const name = isSoldByOracle(fields) ? 'oracle-jdk' : 'openjdk';
  const version = javaVersion(written);
  if (version === undefined) {
    const message = `the version ${quotedVersion(written)} of the Java runtime cannot be compared, so the runtime was not matched`;
    return {
      features: [{ feature: { type: 'generic', name, version: written }, path }],
      diagnostics: [{ code: 'package-version-invalid', message, where: path }],
    };
  }
  return { features: [{ feature: { type: 'generic', name, version, matchedAs: 'java' }, path }], diagnostics: [] };
}

/** Oracle also builds OpenJDK; the builds that Oracle sells contain parts that are not open source. */
function isSoldByOracle(fields: ReadonlyMap<string, string>): boolean {
  const isOfOracle = fields.get('IMPLEMENTOR')?.startsWith('Oracle') ?? true;
  return isOfOracle && (fields.get('BUILD_TYPE') === 'commercial' || / open:/.test(fields.get('SOURCE') ?? ''));
}
