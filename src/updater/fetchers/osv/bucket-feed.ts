import { ClairError } from '../../../errors.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { DocumentIntake } from '../../feed/document-intake.ts';
import { openDownload } from '../../feed/download.ts';
import type { FeedValidators, FetchContext, FetchOutcome, RecordDiagnostics } from '../../feed/fetcher.ts';
import { changedDocuments, unconditional } from '../../feed/single-files.ts';
import {
  archiveOf,
  type BucketChanges,
  type ChangedEcosystem,
  findBucketChanges,
  recordPath,
  type SingleRecords,
} from './bucket.ts';
import { type BucketState, type EcosystemState, writeBucketState } from './bucket-state.ts';
import type { OsvEcosystem } from './ecosystems.ts';
import { isRecordOrArchive, zippedDocuments } from './local-documents.ts';
import { timesInArchive, withoutRecords } from './record-list.ts';
import { archivedAdvisories, type EcosystemDocument, readRecord } from './records.ts';
import { openStoredLists, type StoredLists } from './stored-lists.ts';

/**
 * Reads the OSV bucket or a mirror. Reads only the documents that have changed since the last fetch or, if that is not
 * possible, the archives of the changed ecosystems. Other ecosystems stay unchanged.
 *
 * @param base an address that ends with `/`
 * @throws ClairError `bytes/…`, `feed/invalid`, immediately or during iteration
 */
export async function fetchBucket(
  base: string,
  context: FetchContext,
  ecosystems: readonly OsvEcosystem[],
): Promise<FetchOutcome> {
  const lists = openStoredLists(context.cache);
  const changes = await findBucketChanges(base, context, ecosystems, lists);
  if (changes.changed.length === 0) return { kind: 'not-modified' };
  const reading = { base, context, ecosystems, lists, changes, recordDiagnostics: noRecordDiagnostics() };
  return changes.single === undefined ? wholeArchives(reading) : singleRecords(reading, changes.single);
}

type Reading = {
  readonly base: string;
  readonly context: FetchContext;
  readonly ecosystems: readonly OsvEcosystem[];
  readonly lists: StoredLists;
  readonly changes: BucketChanges;
  readonly recordDiagnostics: RecordDiagnostics;
};

type Validators = { -readonly [Key in keyof FeedValidators]: FeedValidators[Key] };

function wholeArchives(reading: Reading): FetchOutcome {
  const { changes, recordDiagnostics } = reading;
  const validators: Validators = {};
  return {
    kind: 'advisories',
    advisories: advisoriesInArchives(reading, validators),
    within: changes.changed.map(({ ecosystem }) => ecosystem.namespace),
    recordDiagnostics,
    validators,
  };
}

async function* advisoriesInArchives(reading: Reading, validators: Validators): AsyncGenerator<Advisory> {
  const { lists, changes, recordDiagnostics } = reading;
  const states = new Map<string, EcosystemState>();
  for (const { ecosystem, list } of changes.changed) {
    const times = new Map<string, number>();
    const archive: Validators = {};
    const documents = documentsInArchive(reading, ecosystem, archive);
    yield* archivedAdvisories(documents, recordDiagnostics, ({ document }, record) => {
      // With this time, an invalid document is not read again until the document changes.
      if (record === undefined) times.set(idOfPath(document.name), Infinity);
      else times.set(record.id, record.modifiedAt);
    });
    if (times.size === 0) throw new ClairError('feed/empty', `${archiveOf(reading.base, ecosystem)} has no advisory`);
    const stored = list && (await lists.write(await timesInArchive(list.times, times)));
    states.set(ecosystem.name, stateOf(list, stored, archive));
  }
  await finish(reading, states, validators);
}

async function* documentsInArchive(
  { base, context }: Reading,
  ecosystem: OsvEcosystem,
  validators: Validators,
): AsyncGenerator<EcosystemDocument> {
  const download = await openDownload(archiveOf(base, ecosystem), unconditional(context));
  // The response always has a body, because the request has no validators.
  if (download.kind !== 'body') return;
  Object.assign(validators, download.validators);
  const intake = new DocumentIntake({ wants: isRecordOrArchive, ...(context.signal && { signal: context.signal }) });
  const archive = { name: `${ecosystem.name}/all.zip`, where: download.where, stream: download.body };
  for await (const document of zippedDocuments(archive, intake)) yield { ecosystem, document };
}

function singleRecords(reading: Reading, single: SingleRecords): FetchOutcome {
  const validators: Validators = {};
  const gone: string[] = [];
  return {
    kind: 'advisories',
    advisories: advisoriesInRecords(reading, single, gone, validators),
    scope: 'changed',
    gone,
    within: single.ecosystems.map(({ namespace }) => namespace),
    recordDiagnostics: reading.recordDiagnostics,
    validators,
  };
}

/**
 * Yields the advisories of the changed documents. A document that is missing in one ecosystem may be in another
 * ecosystem that lists the document. If a listed document is missing, its stored data is kept.
 */
async function* advisoriesInRecords(
  reading: Reading,
  single: SingleRecords,
  gone: string[],
  validators: Validators,
): AsyncGenerator<Advisory> {
  const { base, context, recordDiagnostics } = reading;
  let wanted = [...single.listing].map(([id, listing]) => ({ id, listing }));
  const missing = new Set<string>();
  for (const { id } of wanted.filter(({ listing }) => listing.length === 0)) gone.push(id);
  while (wanted.length > 0) {
    const asked = new Map(
      wanted.flatMap(({ id, listing: [first, ...others] }) =>
        first === undefined ? [] : [[recordPath(first, id), { id, listing: others }] as const],
      ),
    );
    wanted = [];
    for await (const { path, document } of changedDocuments(base, [...asked.keys()], context)) {
      const next = asked.get(path);
      if (next === undefined) continue;
      if (document === undefined) {
        missing.add(next.id);
        wanted.push(next);
        continue;
      }
      const record = await readRecord(document, single.ecosystems, recordDiagnostics);
      if (record === undefined) continue;
      if (record.advisories.length === 0) gone.push(next.id);
      yield* record.advisories;
    }
  }
  const states = new Map<string, EcosystemState>();
  for (const { ecosystem, list } of reading.changes.changed) {
    // The next update requests a missing document again, because the bucket may publish the list before the document.
    const stored = list && (await reading.lists.write(await withoutRecords(list.times, missing)));
    states.set(ecosystem.name, stateOf(list, stored, {}));
  }
  await finish(reading, states, validators);
}

function stateOf(list: ChangedEcosystem['list'], stored: string | undefined, archive: FeedValidators): EcosystemState {
  if (list === undefined) return { archive };
  return { list: list.validators, ...(stored !== undefined && { stored }) };
}

/**
 * Sets the validators and removes old lists. Keeps the lists of the previous state until the next update, because the
 * database may reject the new state.
 */
async function finish(
  { ecosystems, lists, changes }: Reading,
  changed: ReadonlyMap<string, EcosystemState>,
  validators: Validators,
): Promise<void> {
  const state: BucketState = new Map(
    ecosystems.flatMap(({ name }) => {
      const known = changed.get(name) ?? changes.before.get(name);
      return known === undefined ? [] : [[name, known] as const];
    }),
  );
  const digests = [...changes.before.values(), ...state.values()].flatMap(({ stored }) => stored ?? []);
  await lists.keepOnly(digests);
  validators.etag = writeBucketState(state);
}

function idOfPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/i, '');
}
