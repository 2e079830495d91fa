import { setImmediate } from 'node:timers/promises';
import type { AdvisoryName, ChangeLogStore } from '../../database/contracts/change-log.ts';
import { partsOf } from '../../database/queries/row-pages.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import type { Match } from '../../model/report/match.ts';
import { groupedBy } from '../writing/grouped.ts';
import type { AdvisoryJudge } from './advisory-judge.ts';
import type { StatedFindings } from './image-changes.ts';
import { type PackagePlaces, statedFindings } from './stated-findings.ts';

/** The maximum number of advisory changes to read for a request. */
export const MAX_CHANGES_READ = 200_000;

/** The number of advisory changes to read for a page. */
const CHANGES_PER_PAGE = 500;

/** The maximum number of advisories per query for changes. */
const ADVISORIES_AT_ONCE = 100;

/** The packages of an image and their current matches. */
export type JudgedImage = {
  readonly installed: readonly LocatedFeature[];
  readonly places: PackagePlaces;
  readonly judge: AdvisoryJudge;
  readonly matches: readonly Match[];
};

/** The matches of an image at an earlier time. */
export type FormerMatches = {
  readonly matches: readonly Match[];
  /**
   * The time of the matches, in milliseconds since 1970; later than the requested time if the change log starts later
   * or the limit on changes was reached.
   */
  readonly from: number;
  /**
   * For each changed advisory, the matches before each later change, oldest change first; the map key is the
   * {@link advisoryKey}.
   */
  readonly histories: ReadonlyMap<string, readonly FormerState[]>;
};

/** The matches before a change, without the descriptions of the vulnerabilities. */
export type FormerState = { readonly at: number; readonly found: StatedFindings };

export type FormerQuestion = {
  /** The earlier time in milliseconds since 1970. */
  readonly since: number;
  readonly signal?: AbortSignal | undefined;
  /** The maximum number of changes to read; by default {@link MAX_CHANGES_READ}. */
  readonly maxChanges?: number;
};

/** Returns the key of an advisory: its feed and its identifier. */
export function advisoryKey({ feed, name }: AdvisoryName): string {
  return JSON.stringify([feed, name]);
}

/**
 * Reconstructs the matches of an image at an earlier time from the change log. The former state of an advisory is the
 * state before the first change of the advisory since that time; an unchanged advisory has its current state. For times
 * before the first update of a feed, the function uses the first data of the feed.
 *
 * @throws the abort reason of the signal
 */
export async function formerMatches(
  changeLog: Pick<ChangeLogStore, 'wholeSince' | 'former' | 'histories'>,
  image: JudgedImage,
  question: FormerQuestion,
): Promise<FormerMatches> {
  for (;;) {
    const wholeSince = await changeLog.wholeSince();
    const found = await readMatches(changeLog, image, {
      ...question,
      since: Math.max(question.since, wholeSince ?? question.since),
    });
    // Housekeeping can delete changes during the read.
    if ((await changeLog.wholeSince()) === wholeSince) return found;
  }
}

async function readMatches(
  changeLog: Pick<ChangeLogStore, 'former' | 'histories'>,
  image: JudgedImage,
  question: FormerQuestion,
): Promise<FormerMatches> {
  const { judge, matches, places } = image;
  const { former, from } = await readFormer(changeLog, image, question);
  const names = new Map<string, AdvisoryName>();
  for (const { vulnerability } of matches) names.set(advisoryKey(vulnerability), vulnerability);
  for (const each of former) names.set(advisoryKey(each), each);
  const then: Match[] = [];
  const histories = new Map<string, readonly FormerState[]>();
  for (const part of partsOf([...names.values()], ADVISORIES_AT_ONCE)) {
    question.signal?.throwIfAborted();
    const wanted = part.map(({ feed, name }) => ({ feed, name }));
    const changes = await changeLog.histories({ names: wanted, after: from });
    // The first import of a feed starts the change log of the feed and does not count as a change.
    const known = changes.filter(({ isInitial }) => !isInitial);
    for (const [key, ofOne] of groupedBy(known, advisoryKey)) {
      const states = ofOne.map(({ feed, at, before }) => ({
        at,
        found: before === null ? [] : judge(feed, before),
      }));
      then.push(...(states[0]?.found ?? []));
      histories.set(
        key,
        states.map(({ at, found }) => ({ at, found: statedFindings(found, places) })),
      );
    }
    await setImmediate();
  }
  if (histories.size === 0) return { matches, from, histories };
  const unchanged = matches.filter(({ vulnerability }) => !histories.has(advisoryKey(vulnerability)));
  return { matches: [...unchanged, ...then], from, histories };
}

/**
 * Returns the advisories that have changed since a time and affected the image before a change. Withdrawn advisories
 * are only in the change log. The latest changes are read first, so that a limit moves the start time forward without
 * missing a change after the start time.
 */
async function readFormer(
  changeLog: Pick<ChangeLogStore, 'former'>,
  { installed, judge }: JudgedImage,
  { since, signal, maxChanges = MAX_CHANGES_READ }: FormerQuestion,
): Promise<{ readonly former: readonly AdvisoryName[]; readonly from: number }> {
  if (installed.length === 0) return { former: [], from: since };
  const namespaces = [...new Set(installed.map(({ namespace }) => namespace))];
  const found = new Map<string, AdvisoryName & { readonly at: number }>();
  let below: { readonly at: number; readonly id: number } | undefined;
  for (let read = 0; ; ) {
    signal?.throwIfAborted();
    const page = await changeLog.former({ after: since, below, namespaces, limit: CHANGES_PER_PAGE });
    for (const { feed, name, at, advisory } of page) {
      const key = advisoryKey({ feed, name });
      if (advisory === null || found.has(key) || judge(feed, advisory).length === 0) continue;
      found.set(key, { feed, name, at });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < CHANGES_PER_PAGE) return { former: [...found.values()], from: since };
    read += page.length;
    // Some changes at the time of the last read change might be unread, so the result starts after that time.
    if (read >= maxChanges) return { former: [...found.values()].filter(({ at }) => at > last.at), from: last.at };
    below = last;
    await setImmediate();
  }
}
