import { setImmediate } from 'node:timers/promises';
import type { AdvisoryName, ChangeLogStore } from '../../database/contracts/change-log.ts';
import { partsOf } from '../../database/queries/row-pages.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import type { Match } from '../../model/report/match.ts';
import { groupedBy } from '../writing/grouped.ts';
import type { AdvisoryJudge } from './advisory-judge.ts';
import type { StatedFindings } from './image-changes.ts';
import { type PackagePlaces, statedFindings } from './stated-findings.ts';

/** How many changes of vulnerabilities are looked through for one answer, and how many of them at a time. */
export const MAX_CHANGES_READ = 200_000;
const CHANGES_PER_PAGE = 500;

/** Of how many vulnerabilities the changes are read at a time. */
const VULNERABILITIES_AT_ONCE = 100;

/** An image by its packages, and what affects them now. */
export type JudgedImage = {
  readonly installed: readonly LocatedFeature[];
  readonly places: PackagePlaces;
  readonly judge: AdvisoryJudge;
  readonly matches: readonly Match[];
};

/** What affected an image at a time. */
export type FormerMatches = {
  readonly matches: readonly Match[];
  /** The time that is meant, in milliseconds since 1970: later than what was asked for where no more is known. */
  readonly from: number;
  /** What was found of each vulnerability until each of its changes since, the oldest first, by {@link advisoryKey}. */
  readonly histories: ReadonlyMap<string, readonly FormerState[]>;
};

/** What was found until a change, without the words of the source. */
export type FormerState = { readonly at: number; readonly found: StatedFindings };

export type FormerQuestion = {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly signal?: AbortSignal | undefined;
  /** {@link MAX_CHANGES_READ} when absent. */
  readonly maxChanges?: number;
};

/** What tells one source's word on a vulnerability from all others. */
export function advisoryKey({ feed, name }: AdvisoryName): string {
  return JSON.stringify([feed, name]);
}

/**
 * Finds out what affected the packages of an image at a time, by what feeds have changed since: what one said then is what
 * was before its first change since, or else what it says now; before its first update, what that brought. What it says now must have been read before this is asked.
 *
 * @throws the reason of the signal
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
    // Housekeeping may have removed some of it meanwhile.
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
  for (const part of partsOf([...names.values()], VULNERABILITIES_AT_ONCE)) {
    question.signal?.throwIfAborted();
    const wanted = part.map(({ feed, name }) => ({ feed, name }));
    const changes = await changeLog.histories({ names: wanted, after: from });
    // What the first update of a feed brings is where its changes begin, and no change.
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
 * The vulnerabilities that affected the image until some change since a time: those that were withdrawn are nowhere else.
 * It begins with the last change, so that where there are too many the time is a later one, and nothing since is missed.
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
    // The rest of what changed at the same time was not read.
    if (read >= maxChanges) return { former: [...found.values()].filter(({ at }) => at > last.at), from: last.at };
    below = last;
    await setImmediate();
  }
}
