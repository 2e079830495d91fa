import { type Severity, severityRank } from '../../model/severity.ts';
import type { Status } from '../../model/advisories/status.ts';
import { textOrder } from '../../model/text-order.ts';

/** A difference between the findings of an image at an earlier time and now. Times are milliseconds since 1970. */
export type ImageChange = Omit<StatedFinding, 'rating'> & {
  readonly kind: ChangeKind;
  readonly cause: ChangeCause;
  /** The time when the data changed; null if the image changed or the time is unknown. */
  readonly at: number | null;
  /** The former rating; null for a new finding. */
  readonly before: Rating | null;
  /** The current rating; null for a finding that is gone. */
  readonly after: Rating | null;
};

/**
 * - `new`: the finding did not exist;
 * - `rescored`: the severity, status or fixed version changed;
 * - `fixed`: the current image contains no affected package;
 * - `withdrawn`: the feed no longer lists the installed version as affected.
 */
export const CHANGE_KINDS = ['new', 'rescored', 'fixed', 'withdrawn'] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The cause of a change: the data of a feed, or the image. */
export type ChangeCause = 'image' | 'data';

/** A finding with the fields that identify and describe it. */
export type StatedFinding = {
  readonly feed: string;
  readonly vulnerability: string;
  /** The package URL type of the package. */
  readonly type: string;
  readonly package: string;
  readonly rating: Rating;
};

export type Rating = {
  /** The installed version. */
  readonly version: string;
  readonly severity: Severity;
  readonly status: Status;
  readonly fixedIn: string | null;
};

/** The findings by a key that identifies the feed, the vulnerability and the package, but not the version. */
export type StatedFindings = ReadonlyMap<string, StatedFinding>;

/** The findings to compare, with an intermediate state that shows the cause of a difference. */
export type ImageStates = {
  /** The findings of the former image in the former data. */
  readonly before: StatedFindings;
  /** The findings of the former image in the current data. */
  readonly between: StatedFindings;
  /** The findings of the current image in the current data. */
  readonly after: StatedFindings;
  /**
   * The keys of the findings that are suppressed in the current image; the other fields contain no suppressed findings.
   */
  readonly suppressed: ReadonlySet<string>;
};

/**
 * Returns the changed findings with their causes. The cause is `data` if the current data already has the current
 * finding for the former image, otherwise `image`. New findings come first; within each kind of change, the worst
 * findings come first.
 *
 * @param changedAt returns the time at which the data changed a former finding, given the key of the finding
 */
export function imageChanges(
  states: ImageStates,
  changedAt: (key: string, finding: StatedFinding) => number | null,
): readonly ImageChange[] {
  const { before, after, suppressed } = states;
  const keys = [...new Set([...before.keys(), ...after.keys()])].filter((key) => !suppressed.has(key));
  return keys
    .flatMap((key) => {
      const change = changeOf(key, states);
      if (change === undefined) return [];
      const { finding, kind, cause } = change;
      const { feed, vulnerability, type, package: name } = finding;
      return [
        {
          kind,
          cause,
          at: cause === 'data' ? changedAt(key, finding) : null,
          feed,
          vulnerability,
          type,
          package: name,
          before: before.get(key)?.rating ?? null,
          after: after.get(key)?.rating ?? null,
        },
      ];
    })
    .toSorted(inOrder);
}

type Difference = Pick<ImageChange, 'kind' | 'cause'> & { readonly finding: StatedFinding };

function changeOf(key: string, states: ImageStates): Difference | undefined {
  const [before, between, after] = [states.before.get(key), states.between.get(key), states.after.get(key)];
  if (after === undefined) {
    if (before === undefined) return undefined;
    return between === undefined
      ? { kind: 'withdrawn', cause: 'data', finding: before }
      : { kind: 'fixed', cause: 'image', finding: before };
  }
  if (before === undefined) return { kind: 'new', cause: between === undefined ? 'image' : 'data', finding: after };
  if (isSameRating(before.rating, after.rating)) return undefined;
  const isOfData = between !== undefined && isSameRating(between.rating, after.rating);
  return { kind: 'rescored', cause: isOfData ? 'data' : 'image', finding: after };
}

/** Returns whether two ratings are equal, apart from the installed version. */
export function isSameRating(one: Rating | undefined, other: Rating | undefined): boolean {
  return one?.severity === other?.severity && one?.status === other?.status && one?.fixedIn === other?.fixedIn;
}

function inOrder(one: ImageChange, other: ImageChange): number {
  return (
    CHANGE_KINDS.indexOf(one.kind) - CHANGE_KINDS.indexOf(other.kind) ||
    rankOf(other) - rankOf(one) ||
    textOrder(one.package, other.package) ||
    textOrder(one.vulnerability, other.vulnerability) ||
    textOrder(one.feed, other.feed)
  );
}

function rankOf({ before, after }: ImageChange): number {
  const rating = after ?? before;
  return rating === null ? -1 : severityRank(rating.severity);
}
