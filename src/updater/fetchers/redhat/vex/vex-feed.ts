import { ClairError } from '../../../../errors.ts';
import type { Advisory } from '../../../../model/advisories/advisory.ts';
import type { FeedDocument } from '../../../feed/document-intake.ts';
import { openFeedDocuments } from '../../../feed/many-documents.ts';
import { changedDocuments, isUnchanged, unconditional } from '../../../feed/single-files.ts';
import { addRecordDiagnostic, inexact, noRecordDiagnostics } from '../../../advisories/record-diagnostics.ts';
import type { FeedValidators, FetchContext, FetchOutcome, RecordDiagnostics } from '../../../feed/fetcher.ts';
import { parseVex } from '../parse-vex.ts';
import { changesSince, idOfVexPath, vexPathOf } from './vex-changes.ts';
import { readArchiveName, readRepositoryFile, readVexList, type RepositoryFile, type VexList } from './vex-files.ts';
import { coversState, parseVexState, type VexState, writeVexState } from './vex-state.ts';

/**
 * Reads the feed below `base`. The first fetch reads the archive that `archive_latest.txt` names, and the documents
 * that changed after the archive was created. Later fetches read only the documents that `changes.csv` and
 * `deletions.csv` list since the last fetch, unless `changes.csv` does not reach back to the last fetch. Each fetch
 * also reads the list of repositories if this list changed.
 *
 * @param base an address that ends with `/`
 * @throws ClairError `bytes/…`, `feed/invalid`, immediately or during iteration
 */
export async function fetchVexFeed(base: string, context: FetchContext): Promise<FetchOutcome> {
  const state = parseVexState(context.validators?.etag);
  const [changesUrl, deletionsUrl] = [`${base}changes.csv`, `${base}deletions.csv`];
  const recordDiagnostics = noRecordDiagnostics();
  const repositoriesUrl = new URL(REPOSITORIES, base).href;
  const repositories = await readRepositoryFile(repositoriesUrl, context, state?.repositories, recordDiagnostics);
  if (
    state !== undefined &&
    repositories.repositories === undefined &&
    (await isUnchanged(changesUrl, context, state.changes)) &&
    (await isUnchanged(deletionsUrl, context, state.deletions))
  ) {
    return { kind: 'not-modified' };
  }
  const changes = await readVexList(changesUrl, context, recordDiagnostics);
  const deletions = await readVexList(deletionsUrl, context, recordDiagnostics);
  const archive = await readArchiveName(`${base}archive_latest.txt`, context);
  const reading = { base, context, recordDiagnostics, changes, deletions, repositories };
  const known = ARCHIVE_DAY.test(archive) ? archive : undefined;
  const goesOn = state !== undefined && coversState(changes.list, state, known);
  if (goesOn) return changedOnly(reading, state);
  if (repositories.validators === undefined) {
    addRecordDiagnostic(
      recordDiagnostics,
      inexact(
        `${repositoriesUrl} not found: the list of repositories was not read, so advisories of layered products may match no packages`,
      ),
    );
  }
  return await all(reading, archive);
}

/** The address of the list of repositories, relative to the address of the documents. */
const REPOSITORIES = '../../../metrics/repository-to-cpe.json';

/** The maximum uncompressed size of the archive; the archive contains about 45,000 documents of 300 KB. */
const MAX_ARCHIVE_BYTES = 64 * 1024 ** 3;

/**
 * The date in the name of an archive. Only the older form of the feed has this date; in the newer form, the date is in
 * the response headers.
 */
const ARCHIVE_DAY = /(\d{4}-\d{2}-\d{2})\.tar\.[a-z0-9]+$/;

type Reading = {
  readonly base: string;
  readonly context: FetchContext;
  readonly recordDiagnostics: RecordDiagnostics;
  readonly changes: VexList;
  readonly deletions: VexList;
  readonly repositories: RepositoryFile;
};

function changedOnly(reading: Reading, state: VexState): FetchOutcome {
  const { changes, deletions, recordDiagnostics } = reading;
  const { paths, deletedPaths } = changesSince(state.changedAt, changes.list, deletions.list);
  const gone = deletedPaths.map(idOfVexPath);
  return {
    kind: 'advisories',
    advisories: changedAdvisories(reading, paths, gone),
    scope: 'changed',
    gone,
    ...listed(reading),
    recordDiagnostics,
    validators: { etag: writeVexState({ ...state, ...stateOf(reading, state.changedAt) }) },
  };
}

async function all(reading: Reading, archive: string): Promise<FetchOutcome> {
  const { base, context, recordDiagnostics, changes, deletions } = reading;
  // The documents that changed after the archive was created; they replace the documents in the archive. The set is
  // filled after the response, which contains the time of the archive.
  const replaced = new Set<string>();
  const feed = await openFeedDocuments(`${base}${archive}`, unconditional(context), {
    wants: (name) => name.endsWith('.json') && !replaced.has(vexPathOf(name)),
    limits: { maxArchiveBytes: MAX_ARCHIVE_BYTES },
  });
  // The response always has a body, because the request has no validators.
  if (feed.kind === 'not-modified') return feed;
  const since = archiveTime(archive, feed.validators, feed.where);
  const { paths, deletedPaths } = changesSince(since, changes.list, deletions.list);
  for (const path of [...paths, ...deletedPaths]) replaced.add(path);
  return {
    kind: 'advisories',
    advisories: allAdvisories(feed.documents, feed.where, recordDiagnostics, changedAdvisories(reading, paths, [])),
    scope: 'all',
    ...listed(reading),
    recordDiagnostics,
    validators: {
      etag: writeVexState({ ...(ARCHIVE_DAY.test(archive) && { archive }), ...stateOf(reading, since) }),
    },
  };
}

async function* allAdvisories(
  archived: AsyncIterable<FeedDocument>,
  where: string,
  recordDiagnostics: RecordDiagnostics,
  changed: AsyncIterable<Advisory>,
): AsyncGenerator<Advisory> {
  let count = 0;
  for await (const document of archived) {
    for await (const advisory of parseVex(document, recordDiagnostics)) {
      count += 1;
      yield advisory;
    }
  }
  if (count === 0) throw new ClairError('feed/invalid', `${where} contains no advisory of this feed`);
  yield* changed;
}

/** @param gone receives the identifiers of documents that no longer exist or are marked as deleted */
async function* changedAdvisories(
  { base, context, recordDiagnostics }: Reading,
  paths: readonly string[],
  gone: string[],
): AsyncGenerator<Advisory> {
  for await (const { path, document } of changedDocuments(base, paths, context)) {
    if (document === undefined) gone.push(idOfVexPath(path));
    else yield* parseVex(document, recordDiagnostics, (id) => gone.push(id));
  }
}

function listed({ repositories: { repositories } }: Reading): Pick<Advisories, 'repositories'> {
  return repositories === undefined ? {} : { repositories };
}

type Advisories = Extract<FetchOutcome, { kind: 'advisories' }>;

/**
 * Returns the time up to which the archive contains all changes: the start of the day in its name or, without a day in
 * the name, the Last-Modified time.
 */
function archiveTime(archive: string, { lastModified }: FeedValidators, where: string): number {
  const time = Date.parse(ARCHIVE_DAY.exec(archive)?.[1] ?? lastModified ?? '');
  if (Number.isNaN(time))
    throw new ClairError(
      'feed/invalid',
      `the date of ${where} is unknown: neither its name nor Last-Modified contains a date`,
    );
  return time;
}

function stateOf(
  { changes, deletions, repositories: { validators } }: Reading,
  since: number,
): Omit<VexState, 'archive'> {
  let changedAt = since;
  for (const { at } of [...changes.list, ...deletions.list]) changedAt = Math.max(changedAt, at);
  return {
    changedAt,
    changes: changes.validators,
    deletions: deletions.validators,
    ...(validators !== undefined && { repositories: validators }),
  };
}
