import { type Severity, severityRank } from '../../model/severity.ts';
import type { Status } from '../../model/advisories/status.ts';
import { textOrder } from '../../model/text-order.ts';

/** One difference between what was found in an image at a time and what is found now. Times are milliseconds since 1970. */
export type ImageChange = Omit<StatedFinding, 'rating'> & {
  readonly kind: ChangeKind;
  readonly cause: ChangeCause;
  /** When the data changed; null where the image did it. */
  readonly at: number | null;
  /** Null for one that is new. */
  readonly before: Rating | null;
  /** Null for one that is gone. */
  readonly after: Rating | null;
};

/**
 * - `new`: it was none then;
 * - `rescored`: it was one already, of another severity or state, or fixed in another version;
 * - `fixed`: another image is there, whose packages it does not affect;
 * - `withdrawn`: its feed no longer says that it affects what is installed.
 */
export const CHANGE_KINDS = ['new', 'rescored', 'fixed', 'withdrawn'] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Whether a feed says something else than then, or another image is there. */
export type ChangeCause = 'image' | 'data';

/** A finding by what it is told apart by, and what is said of it. */
export type StatedFinding = {
  readonly feed: string;
  readonly vulnerability: string;
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

/** Findings, by texts that are equal for the same feed, vulnerability and package of whatever version. */
export type StatedFindings = ReadonlyMap<string, StatedFinding>;

/** What was and what is found; and in between, so that it can be told what made the difference. */
export type ImageStates = {
  /** In the image that was there then, by the data of then. */
  readonly before: StatedFindings;
  /** In the image that was there then, by the data of now. */
  readonly between: StatedFindings;
  /** In the image of now, by the data of now. */
  readonly after: StatedFindings;
  /** Findings of now that a rule rules out. They are in none of the lists, and whether they were there then is no matter. */
  readonly suppressed: ReadonlySet<string>;
};

/**
 * Tells what is other now than then, and whether the data or the image made it so: the data where the image that was there
 * then would have it as it is now, and the image in all other cases. New findings come first, and of each kind the worst.
 *
 * @param changedAt when the data made a finding of then what it is by the data of now, by its key
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
      const { feed, vulnerability, package: name } = finding;
      return [
        {
          kind,
          cause,
          at: cause === 'data' ? changedAt(key, finding) : null,
          feed,
          vulnerability,
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

/** Whether the same is said of a finding, of whatever installed version. */
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
