import { openFeedBytes } from '../../feed-bytes.ts';
import { jsonMembers } from '../../formats/json-members.ts';
import { noUnclearRecords } from '../../unclear-records.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../fetcher.ts';
import { parseTracker } from './parse.ts';

/** All that the Debian security tracker says, of every release, in one document of some 60 MB. */
const URL_OF_TRACKER = 'https://security-tracker.debian.org/tracker/data/json';

/** The Debian security tracker. */
export const debian: Fetcher = {
  id: 'debian',
  version: 1,
  scheme: 'dpkg',
  url: URL_OF_TRACKER,
  fetch: fetchTracker,
};

async function fetchTracker(context: FetchContext): Promise<FetchOutcome> {
  const feed = await openFeedBytes(URL_OF_TRACKER, context);
  if (feed.kind === 'not-modified') return feed;
  const unclear = noUnclearRecords();
  const members = jsonMembers(feed.stream, { where: feed.where });
  return {
    kind: 'advisories',
    advisories: parseTracker(members, unclear, feed.where),
    unclear,
    validators: feed.validators,
  };
}
