import { ClairError } from '../../../errors.ts';
import { openDownload } from '../../feed/download.ts';
import type { FeedValidators, FetchContext } from '../../feed/fetcher.ts';
import { documentOf, isUnchanged, unconditional } from '../../feed/single-files.ts';
import { wholeText } from '../../formats/whole-document.ts';
import { type BucketState, type EcosystemState, parseBucketState } from './bucket-state.ts';
import type { OsvEcosystem } from './ecosystems.ts';
import { changesBetween, parseRecordTimes, type RecordTimes } from './record-list.ts';
import type { StoredLists } from './stored-lists.ts';

/** The changes in the bucket since the last fetch. */
export type BucketChanges = {
  /** The changed ecosystems. If an ecosystem has no list of documents, only its archive can be read. */
  readonly changed: readonly ChangedEcosystem[];
  /**
   * The documents to request separately; absent if nothing changed, or if the archives of the changed ecosystems must
   * be read.
   */
  readonly single?: SingleRecords;
  readonly before: BucketState;
};

export type SingleRecords = {
  /**
   * The ecosystems that list a document, by the identifier of the document; empty for a document that no ecosystem
   * lists any more.
   */
  readonly listing: ReadonlyMap<string, readonly OsvEcosystem[]>;
  /**
   * The ecosystems whose lists are known. Other ecosystems are unchanged, and may still contain documents that the
   * known ecosystems no longer list.
   */
  readonly ecosystems: readonly OsvEcosystem[];
};

export type ChangedEcosystem = {
  readonly ecosystem: OsvEcosystem;
  readonly list?: { readonly times: RecordTimes; readonly validators: FeedValidators };
};

/**
 * The maximum number of documents to request separately; the requests take a few minutes at most. Reading an archive of
 * 200,000 documents takes longer.
 */
const MAX_SINGLE_RECORDS = 1000;

/**
 * Returns the changes since the last fetch. Compares the list of documents of each ecosystem
 * (`<Ecosystem>/modified_id.csv`) or, if a mirror has no lists, the validators of the ecosystem's archive. An ecosystem
 * is unchanged if its list is unchanged, or if no document in the list has changed.
 *
 * @param base an address that ends with `/`
 * @throws ClairError `bytes/…`, `feed/invalid` for an empty list
 */
export async function findBucketChanges(
  base: string,
  context: FetchContext,
  ecosystems: readonly OsvEcosystem[],
  lists: StoredLists,
): Promise<BucketChanges> {
  const before = parseBucketState(context.validators?.etag);
  const reached: Reached[] = [];
  for (const ecosystem of ecosystems) {
    reached.push(await reach(base, context, { ecosystem, state: before.get(ecosystem.name), lists }));
  }
  const changed = reached.filter(({ isChanged }) => isChanged);
  const areListed = changed.length > 0 && changed.every(({ changes }) => changes !== undefined);
  const single = areListed ? await singleRecords(reached, lists) : undefined;
  return { changed, before, ...(single !== undefined && { single }) };
}

type Known = {
  readonly ecosystem: OsvEcosystem;
  readonly state: EcosystemState | undefined;
  readonly lists: StoredLists;
};

type Reached = ChangedEcosystem & {
  readonly state: EcosystemState | undefined;
  readonly isChanged: boolean;
  /** The changes of the list; absent if the list is unchanged or missing, or if the previous list is unknown. */
  readonly changes?: Awaited<ReturnType<typeof changesBetween>>;
};

async function reach(base: string, context: FetchContext, { ecosystem, state, lists }: Known): Promise<Reached> {
  const list = await readList(addressOf(base, ecosystem, LIST), context, state?.list);
  const known = { ecosystem, state };
  if (list === 'unchanged') return { ...known, isChanged: false };
  if (list === undefined) {
    const archive = addressOf(base, ecosystem, ARCHIVE);
    const isSame = state?.archive !== undefined && (await isUnchanged(archive, context, state.archive));
    return { ...known, isChanged: !isSame };
  }
  const former = state?.stored === undefined ? undefined : await lists.read(state.stored);
  if (former === undefined) return { ...known, list, isChanged: true };
  const changes = await changesBetween(former, list.times);
  return { ...known, list, changes, isChanged: changes.changed.length + changes.vanished.length > 0 };
}

/** Returns the documents to request separately; undefined if there are too many. */
async function singleRecords(reached: readonly Reached[], lists: StoredLists): Promise<SingleRecords | undefined> {
  const ids = new Set(reached.flatMap(({ changes }) => (changes ? [...changes.changed, ...changes.vanished] : [])));
  if (ids.size > MAX_SINGLE_RECORDS) return undefined;
  const listing = new Map<string, OsvEcosystem[]>([...ids].map((id) => [id, []]));
  const ecosystems: OsvEcosystem[] = [];
  for (const { ecosystem, list, state } of reached) {
    const times = list?.times ?? (state?.stored === undefined ? undefined : await lists.read(state.stored));
    if (times === undefined) continue;
    ecosystems.push(ecosystem);
    for (const id of ids) if (times.has(id)) listing.get(id)?.push(ecosystem);
  }
  return { listing, ecosystems };
}

const LIST = 'modified_id.csv';
const ARCHIVE = 'all.zip';

function addressOf(base: string, { name }: OsvEcosystem, file: string): string {
  return `${base}${encodeURIComponent(name)}/${file}`;
}

/** Returns the path of a document below the address of the bucket. */
export function recordPath(ecosystem: OsvEcosystem, id: string): string {
  return addressOf('', ecosystem, `${encodeURIComponent(id)}.json`);
}

/** Returns the address of the archive of an ecosystem. */
export function archiveOf(base: string, ecosystem: OsvEcosystem): string {
  return addressOf(base, ecosystem, ARCHIVE);
}

/** The maximum size of a list in bytes; a list has about 50 bytes for each of up to 200,000 documents. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

/** Reads the list of documents; undefined for a mirror without lists. */
async function readList(
  url: string,
  context: FetchContext,
  validators: FeedValidators | undefined,
): Promise<NonNullable<ChangedEcosystem['list']> | 'unchanged' | undefined> {
  try {
    const answer = await openDownload(url, { ...unconditional(context), ...(validators && { validators }) });
    if (answer.kind === 'not-modified') return 'unchanged';
    const times = await parseRecordTimes(await wholeText(documentOf(url, answer, context), MAX_LIST_BYTES));
    if (times.size === 0) throw new ClairError('feed/invalid', `${answer.where} lists no advisory`);
    return { times, validators: answer.validators };
  } catch (error) {
    if (error instanceof ClairError && error.code === 'bytes/not-found') return undefined;
    throw error;
  }
}
