import { RELEASE_DATES, type ReleaseDates, type SupportEnd, type SupportExtension, UNKNOWN } from './release-dates.ts';

export type ReleaseSupport =
  /** The table does not contain the release or the end of its support. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'rolling' }
  | { readonly kind: 'standard'; readonly until: SupportEnd }
  /** The release has support beyond standard support, which a feed covers. */
  | { readonly kind: 'extended'; readonly extension: SupportExtension; readonly until: SupportEnd }
  /** `on` is the last day of support that a feed covers. `later` is an extension that no feed covers. */
  | {
      readonly kind: 'ended';
      readonly on: SupportEnd;
      readonly source: string;
      readonly later?: { readonly extension: SupportExtension; readonly until: SupportEnd };
    };

/**
 * Returns the support of a release on a day.
 *
 * @param namespace the namespace of the release, such as `debian:12`
 * @param day the day in UTC, in the form `YYYY-MM-DD`
 */
export function supportOf(namespace: string, day: string): ReleaseSupport {
  const [distribution = '', version = ''] = namespace.split(':');
  const dates = RELEASE_DATES.find((each) => each.namespace === distribution);
  const release = dates !== undefined && Object.hasOwn(dates.releases, version) ? dates.releases[version] : undefined;
  if (dates === undefined || release === undefined) return { kind: 'unknown' };
  return release === 'rolling' ? { kind: 'rolling' } : supportAt(dates, release, day);
}

/**
 * Returns the namespaces of the releases that are past their end of life on a day.
 *
 * @param day the day in UTC, in the form `YYYY-MM-DD`
 */
export function endedReleases(day: string): readonly string[] {
  return DATED.filter(({ dates, ends }) => supportAt(dates, ends, day).kind === 'ended').map(
    ({ namespace }) => namespace,
  );
}

/** The releases with dates. The list is created once, because most queries need the releases past their end of life. */
const DATED = RELEASE_DATES.flatMap((dates) =>
  Object.entries(dates.releases).flatMap(([version, ends]) =>
    ends === 'rolling' ? [] : [{ namespace: `${dates.namespace}:${version}`, dates, ends }],
  ),
);

function supportAt(dates: ReleaseDates, [standard, ...extended]: readonly SupportEnd[], day: string): ReleaseSupport {
  if (standard === undefined || standard === UNKNOWN) return { kind: 'unknown' };
  if (day <= standard) return { kind: 'standard', until: standard };
  let on = standard;
  let { source } = dates;
  for (const [index, extension] of dates.extensions.entries()) {
    const until = extended[index];
    if (until === undefined) continue;
    if (until === UNKNOWN) return { kind: 'unknown' };
    if (extension.isCovered) {
      if (day <= until) return { kind: 'extended', extension, until };
      ({ source } = extension);
      on = until;
    } else if (day <= until) return { kind: 'ended', on, source, later: { extension, until } };
  }
  return { kind: 'ended', on, source };
}
