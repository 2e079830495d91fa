import type { Feature } from '../../model/feature.ts';
import type { Note } from '../../model/report/match.ts';
import type { ReportNote } from '../../model/report/report.ts';
import type { MatchedPaths } from './ownership/matched-paths.ts';

/**
 * Returns the notes of a report, in the order of the input.
 *
 * @param purlOf returns the package URL of a feature
 * @param pathsOf returns the paths at which a package was matched
 */
export function reportNotes(
  notes: readonly Note[],
  purlOf: (of: Feature) => string,
  pathsOf: MatchedPaths,
): readonly ReportNote[] {
  return notes.map(({ kind, vulnerability, namespace, feature, originDepth }) => ({
    kind,
    id: vulnerability.name,
    namespace,
    type: feature.type,
    package: feature.name,
    version: feature.version,
    purl: purlOf(feature),
    paths: pathsOf(feature, namespace),
    layer: originDepth,
    link: vulnerability.link,
    description: vulnerability.description,
  }));
}
