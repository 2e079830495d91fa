import { RELEASE_DATES, type ReleaseDates, type SupportEnd, type SupportExtension, UNKNOWN } from './release-dates.ts';

/** Whether the vendor of a release supports it on a day. */
export type ReleaseSupport =
  /** The release or its end is not in the table. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'rolling' }
  | { readonly kind: 'standard'; readonly until: SupportEnd }
  /** `extension` is sold or given beyond standard support; `isCovered` tells whether a feed of Clair follows it. */
  | { readonly kind: 'extended'; readonly extension: SupportExtension; readonly until: SupportEnd }
  /** `on` is the last day that a feed of Clair could cover. `later` is an extension that none covers. */
  | {
      readonly kind: 'ended';
      readonly on: SupportEnd;
      readonly source: string;
      readonly later?: { readonly extension: SupportExtension; readonly until: SupportEnd };
    };

/**
 * Tells how a release is supported on a day.
 *
 * @param namespace that of its packages, such as `debian:12`
 * @param day `YYYY-MM-DD`, UTC
 */
export function supportOf(namespace: string, day: string): ReleaseSupport {
  const [distribution = '', version = ''] = namespace.split(':');
  const dates = RELEASE_DATES.find((each) => each.namespace === distribution);
  const release = dates !== undefined && Object.hasOwn(dates.releases, version) ? dates.releases[version] : undefined;
  if (dates === undefined || release === undefined) return { kind: 'unknown' };
  return release === 'rolling' ? { kind: 'rolling' } : supportAt(dates, release, day);
}

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
