import { ecosystemOf, schemeOfType } from '../../../ecosystems/index.ts';
import { flagsOf } from '../../../model/feature.ts';
import { shownName } from '../../../bytes/tar/name.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { SCHEMES } from '../../../versions/index.ts';
import { quotedVersion } from '../../../versions/keys/invalid-version.ts';
import type { FileFacts } from '../../detectors/detector.ts';

/** The maximum number of packages of one file that diagnostics name. */
const MAX_NAMED = 20;

/**
 * Adds diagnostics for libraries with a version that the version scheme cannot order, because no advisory can match
 * such a version. Packages with an empty version, such as a local replacement of a Go module, and vendored packages are
 * never matched and get no diagnostic.
 */
export function withVersionDiagnostics(path: string, facts: FileFacts): FileFacts {
  const { features = [] } = facts;
  const invalid = features.filter(({ feature }) => {
    if (schemeOfType(feature.type) === undefined || feature.version === '' || flagsOf(feature).includes('vendored'))
      return false;
    const ecosystem = ecosystemOf(feature);
    // No advisory matches a package without a namespace, regardless of its version.
    if (ecosystem.namespaceOf(feature, '') === '') return false;
    return ecosystem.lines(feature).every(({ version }) => SCHEMES[ecosystem.scheme].keyOf(version) === undefined);
  });
  if (invalid.length === 0) return facts;
  const diagnostics = invalid.slice(0, MAX_NAMED).map(({ feature: { type, name, version } }): Diagnostic => {
    const message = `the version ${quotedVersion(version)} of the ${type} package ${shownName(name)} cannot be compared, so the package was not matched`;
    return { code: 'package-version-invalid', message, where: path };
  });
  const more = invalid.length - diagnostics.length;
  const message =
    more === 1
      ? 'the version of 1 more package cannot be compared, so the package was not matched'
      : `the versions of ${more} more packages cannot be compared, so these packages were not matched`;
  const rest: readonly Diagnostic[] = more > 0 ? [{ code: 'package-version-invalid', message, where: path }] : [];
  return { ...facts, diagnostics: [...facts.diagnostics, ...diagnostics, ...rest] };
}
