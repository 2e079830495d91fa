import { dayText } from '../../model/time/day.ts';
import { featuresOnce } from '../../model/features-once.ts';
import type { IndexedImage } from '../../database/contracts/images.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Match } from '../../model/report/match.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import { type ReportableImage, reportableImage } from '../image/indexed-image.ts';
import { layerProducts } from '../image/layer-products.ts';
import { oncePer } from '../image/once-per.ts';
import { reportLayers } from '../image/report-layers.ts';
import { type MatchesToMerge, matchesToMerge } from '../merging/stored-matches.ts';
import { advisoryJudge } from './advisory-judge.ts';
import { advisoryKey, formerMatches, type FormerMatches } from './former-matches.ts';
import {
  type ImageChange,
  imageChanges,
  isSameRating,
  type StatedFinding,
  type StatedFindings,
} from './image-changes.ts';
import {
  type PackagePlaces,
  packagePlaces,
  type RuledImage,
  statedFindings,
  unsuppressedMatches,
} from './stated-findings.ts';

/** The changes of an image since a time. Times are milliseconds since 1970. */
export type ChangesSince = {
  /**
   * The image that had the same reference and platform at the start time or at the baseline; null if the database does
   * not contain such an image.
   */
  readonly comparedWith: IndexedImage | null;
  /**
   * The time of the first analysis of an image with the reference, if that analysis is later than the requested time;
   * otherwise null.
   */
  readonly baseline: number | null;
  /**
   * The time from which data changes were read, if this time is later than the requested time and the baseline;
   * otherwise null.
   */
  readonly knownFrom: number | null;
  readonly changes: readonly ImageChange[];
};

export type ChangesOptions = {
  /** The earlier time in milliseconds since 1970. */
  readonly since: number;
  /** The current suppression rules, which apply to both times. */
  readonly suppressions: readonly RuleSet[];
  /** The current time in milliseconds since 1970. */
  readonly now: number;
  readonly signal?: AbortSignal;
  /** The maximum number of data changes to read (`former-matches.ts`). */
  readonly maxChanges?: number;
};

type ChangesStore = Pick<Store, 'images' | 'layers' | 'matches' | 'repositories' | 'changeLog' | 'feeds'>;

/**
 * Returns the differences between the findings of an image now and at an earlier time (docs/reference/api-v2.md). The
 * function compares the image with the image that the reference pointed to at the earlier time, matched with the data
 * of that time. Without such an image, the baseline is the first analysed image, matched with the data at the time of
 * its analysis.
 *
 * @throws the abort reason of the signal
 */
export async function changesSince(
  store: ChangesStore,
  image: ReportableImage,
  { since, suppressions, now, signal, maxChanges }: ChangesOptions,
): Promise<ChangesSince> {
  const { compared, from, isBaseline } = await beginning(store, image, since);
  const then = compared ?? image;
  const installed = await packagesOf(store, then);
  const installedNow = then === image ? installed : await packagesOf(store, image);
  const matches = await matchesOfOneMoment(store, { before: then, after: image }, signal);
  const products = await layerProducts(store.repositories, then.layers);
  const judge = advisoryJudge(installed, products, await store.feeds.judges());
  const ofInstalled = installed.map((each) => each.feature);
  const places = packagePlaces(ofInstalled, then === image ? ofInstalled : installedNow.map((each) => each.feature));
  const judged = { installed, places: places.before, judge, matches: matches.before.matches };
  const question = { since: from, signal, ...(maxChanges !== undefined && { maxChanges }) };
  const former = await formerMatches(store.changeLog, judged, question);
  const today = dayText(now);
  const rules = { suppressions, today };
  const ofBefore = findingsOf(await ruledImage(store, then), matches.before.later, places.before, rules);
  const ofAfter =
    then === image ? ofBefore : findingsOf(await ruledImage(store, image), matches.after.later, places.after, rules);
  const after = ofAfter.visible(matches.after.matches);
  const states = {
    before: ofBefore.visible(former.matches),
    between: ofBefore.visible(matches.before.matches),
    after,
    suppressed: new Set([...ofAfter.all(matches.after.matches).keys()].filter((key) => !after.has(key))),
  };
  const byDataOfNow = ofBefore.all(matches.before.matches);
  return {
    comparedWith: compared?.known ?? null,
    baseline: isBaseline ? from : null,
    knownFrom: former.from > from ? former.from : null,
    changes: imageChanges(states, (key, finding) => changedAt(former, key, finding, byDataOfNow)),
  };
}

/**
 * Converts lists of matches to findings. Caches the result per list, because the former matches and the current matches
 * are usually the same list.
 */
type ImageFindings = {
  readonly all: (matches: readonly Match[]) => StatedFindings;
  /** Returns the findings of matches, without suppressed findings. */
  readonly visible: (matches: readonly Match[]) => StatedFindings;
};

/**
 * Creates the conversion for an image. @param later the matches of the packages at later versions in the current data;
 * the function merges these matches with the matches of both times
 */
function findingsOf(
  image: RuledImage,
  later: readonly Match[],
  places: PackagePlaces,
  { suppressions, today }: { readonly suppressions: readonly RuleSet[]; readonly today: string },
): ImageFindings {
  const all = oncePer((matches: readonly Match[]) => statedFindings(matches, places));
  const left = oncePer((matches: readonly Match[]) =>
    unsuppressedMatches({ matches, later }, image, suppressions, today),
  );
  return { all, visible: (matches) => all(left(matches)) };
}

/** The image to compare with (undefined if the database contains no such image), and the start time of the data. */
type Beginning = {
  readonly compared: ReportableImage | undefined;
  readonly from: number;
  readonly isBaseline: boolean;
};

async function beginning(store: ChangesStore, image: ReportableImage, since: number): Promise<Beginning> {
  const { digest, reference, platform } = image.known;
  const open = async (known: IndexedImage): Promise<ReportableImage | undefined> =>
    known.digest === digest ? image : await reportableImage(store, known.digest);
  const current = await store.images.current({ reference, platform, at: since });
  if (current !== undefined) return { compared: await open(current), from: since, isBaseline: false };
  const first = await store.images.first({ reference, platform });
  if (first === undefined) return { compared: undefined, from: since, isBaseline: false };
  return { compared: await open(first.image), from: Math.max(since, first.since), isBaseline: first.since > since };
}

async function packagesOf({ layers }: ChangesStore, image: ReportableImage): ReturnType<Store['layers']['features']> {
  const leaf = image.layers.at(-1);
  return leaf === undefined
    ? []
    : featuresOnce([...(await layers.features(leaf.id)), ...(await layers.files(leaf.id))]);
}

/**
 * Reads the matches of both images from the same state of the data, so that a change to the data does not look like a
 * change to the image.
 */
async function matchesOfOneMoment(
  store: ChangesStore,
  { before, after }: { readonly before: ReportableImage; readonly after: ReportableImage },
  signal: AbortSignal | undefined,
): Promise<{ readonly before: MatchesToMerge; readonly after: MatchesToMerge }> {
  const matchesOf = async ({ layers }: ReportableImage): Promise<MatchesToMerge> => {
    const leaf = layers.at(-1);
    return leaf === undefined ? { matches: [], later: [] } : await matchesToMerge(store.matches, leaf.id);
  };
  if (before === after) {
    const matches = await matchesOf(after);
    return { before: matches, after: matches };
  }
  for (;;) {
    signal?.throwIfAborted();
    const lastChange = await newestChange(store);
    const matches = { before: await matchesOf(before), after: await matchesOf(after) };
    if ((await newestChange(store)) === lastChange) return matches;
  }
}

async function newestChange({ changeLog }: ChangesStore): Promise<number | undefined> {
  const [newest] = await changeLog.latest({ before: Number.MAX_SAFE_INTEGER, limit: 1 });
  return newest;
}

async function ruledImage(store: ChangesStore, { image, layers }: ReportableImage): Promise<RuledImage> {
  const { kind, reference, digest, platform } = image;
  const leaf = layers.at(-1);
  return {
    target: { kind, reference, digest, platform },
    distribution: leaf?.distribution ?? null,
    statements: leaf === undefined ? [] : await store.layers.statements(leaf.id),
    layers: await reportLayers(store, image, layers),
  };
}

/** Returns the time of the last change that led to the current state of a finding; null if no change did. */
function changedAt(
  { histories }: FormerMatches,
  key: string,
  { feed, vulnerability }: StatedFinding,
  byDataOfNow: StatedFindings,
): number | null {
  const history = histories.get(advisoryKey({ feed, name: vulnerability })) ?? [];
  const other = history.findLast(({ found }) => !isSameRating(found.get(key)?.rating, byDataOfNow.get(key)?.rating));
  // If only the outcome of a suppression rule changed, for example because of new aliases, the result is the time of
  // the last change.
  return (other ?? history.at(-1))?.at ?? null;
}
