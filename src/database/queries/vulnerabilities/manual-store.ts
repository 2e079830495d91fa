import { ClairError } from '../../../errors.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { ManualVulnerability } from '../../../model/advisories/manual-vulnerability.ts';
import { type FILE_RULE_FEED, FILES } from '../../../model/advisories/file-rule.ts';
import { schemeOfNamespace } from '../../../ecosystems/index.ts';
import { type Change, MANUAL_FEED } from '../../../model/feed.ts';
import type { SchemeId } from '../../../versions/index.ts';
import { orderedAdvisories } from './advisory-order.ts';
import { createAffectedRows, deleteAffected } from './affected-rows.ts';
import { raiseRevision } from '../images/data-revision.ts';
import type { Engine, Queries, TransactionQueries } from '../../engines/engine.ts';
import { createFeedUpdates, LOGGED_CHANGES } from '../change-log/feed-updates.ts';
import type { ManualEdit, ManualStore } from '../../contracts/manual-vulnerabilities.ts';
import {
  findStoredVulnerability,
  readRatedAdvisory,
  readStoredAdvisory,
  type StoredVulnerability,
} from './stored-vulnerabilities.ts';

/** Stores manual vulnerabilities, in a feed that no update changes. */
export function createManualStore(engine: Engine): ManualStore {
  return {
    edit: (edit) => engine.transaction((queries) => editAdvisory(queries, edit), { alone: `feed ${MANUAL_FEED}` }),
  };
}

/**
 * Edits an advisory in the caller's transaction, so that no concurrent edit is lost.
 *
 * @param feed the feed of the advisory; {@link MANUAL_FEED} when absent
 * @throws ClairError as `ManualStore.edit`
 */
export async function editAdvisory(
  queries: TransactionQueries,
  { name, at, formats, change }: ManualEdit,
  feed: typeof MANUAL_FEED | typeof FILE_RULE_FEED = MANUAL_FEED,
): Promise<ManualVulnerability | undefined> {
  const stored = await findStoredVulnerability(queries, feed, name);
  const before = stored && (await readStoredAdvisory(queries, stored.id));
  const rated = stored && (await readRatedAdvisory(queries, stored.id));
  const metadata = stored && (await readMetadata(queries, stored.id));
  const next = change(before && { ...before, ...(metadata !== undefined && { metadata }) });
  if (next === undefined) {
    if (stored === undefined || before === undefined) return undefined;
    await queries.run('DELETE FROM vulnerability WHERE id = ?', [stored.id]);
    await log(queries, feed, 'withdrawn', before, rated, at);
    return undefined;
  }
  const [ordered] = orderedAdvisories([{ ...next, affected: next.affected.toSorted(byPackage) }]);
  if (ordered === undefined) throw new Error('sorting an advisory returned no advisory');
  const isEqual = stored !== undefined && ordered.contentHash.equals(stored.content_hash);
  if (!isEqual || metadata !== next.metadata) {
    if (feed === MANUAL_FEED) refuseFiles(next);
    if (stored !== undefined) await removeParts(queries, stored.id);
    const id = await writeRow(queries, feed, stored, next, ordered.contentHash);
    if (next.metadata !== undefined) await queries.run(INSERT_METADATA, [id, next.metadata]);
    await writeAffected(queries, id, next, formats);
    await log(queries, feed, before === undefined ? 'added' : 'changed', next, rated, at);
  }
  return next;
}

async function readMetadata(queries: Queries, id: number): Promise<string | undefined> {
  const row = await queries.get<{ metadata: string }>('SELECT metadata FROM manual_metadata WHERE vulnerability = ?', [
    id,
  ]);
  return row?.metadata;
}

async function removeParts(queries: Queries, id: number): Promise<void> {
  await queries.run('DELETE FROM manual_metadata WHERE vulnerability = ?', [id]);
  await deleteAffected(queries, [id]);
}

/**
 * Rejects advisories about files, which would match nothing, because Clair stores only the points of files that file
 * rules name.
 */
function refuseFiles({ affected }: Advisory): void {
  if (affected.every(({ namespace }) => namespace !== FILES)) return;
  throw new ClairError(
    'request/invalid',
    `advisories in the namespace ${FILES} must be created as file rules: use POST /v2/file-rules`,
  );
}

async function writeRow(
  queries: Queries,
  feed: string,
  stored: StoredVulnerability | undefined,
  { id: name, link, description }: Advisory,
  contentHash: Uint8Array,
): Promise<number> {
  if (stored !== undefined) {
    await queries.run(UPDATE_ROW, [link, description, contentHash, stored.id]);
    return stored.id;
  }
  const row = await queries.get<{ id: number }>(INSERT_ROW, [feed, name, link, description, contentHash]);
  if (row === undefined) throw new Error('an insert returned no id');
  return row.id;
}

async function writeAffected(
  queries: TransactionQueries,
  id: number,
  { affected }: Advisory,
  formats: ManualEdit['formats'],
): Promise<void> {
  for (const namespace of new Set(affected.map((each) => each.namespace))) {
    const scheme = await schemeOf(queries, namespace, formats?.get(namespace));
    const inNamespace = affected.filter((each) => each.namespace === namespace);
    const affectedRows = createAffectedRows(queries, scheme);
    affectedRows.add(id, inNamespace);
    await affectedRows.write();
  }
}

/**
 * Returns the stored scheme of a namespace, otherwise the scheme that the name of the namespace implies, otherwise the
 * scheme from the client.
 */
async function schemeOf(queries: Queries, namespace: string, format: SchemeId | undefined): Promise<SchemeId> {
  const row = await queries.get<{ scheme: SchemeId }>('SELECT scheme FROM namespace WHERE name = ?', [namespace]);
  const scheme = row?.scheme ?? schemeOfNamespace(namespace) ?? format;
  if (scheme !== undefined) return scheme;
  throw new ClairError(
    'namespace/not-found',
    `unknown namespace ${namespace}: a new namespace needs a known distribution or ecosystem as prefix, or a VersionFormat in FixedIn (POST /v1/namespaces/NAMESPACE/vulnerabilities)`,
  );
}

async function log(
  queries: TransactionQueries,
  feed: string,
  kind: Change['kind'],
  { id: name }: Advisory,
  before: Advisory | undefined,
  at: number,
): Promise<void> {
  const text = before === undefined ? null : JSON.stringify(before);
  const update = await createFeedUpdates(queries, at)(feed);
  await queries.insertMany(LOGGED_CHANGES, [[feed, name, kind, text, at, 0, update]]);
  await raiseRevision(queries, 'data');
}

function byPackage(a: Advisory['affected'][number], b: Advisory['affected'][number]): number {
  const [left, right] = [`${a.namespace} ${a.package}`, `${b.namespace} ${b.package}`];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const INSERT_ROW = `
INSERT INTO vulnerability (feed, name, link, description, content_hash) VALUES (?, ?, ?, ?, ?) RETURNING id`;

const INSERT_METADATA = 'INSERT INTO manual_metadata (vulnerability, metadata) VALUES (?, ?)';

const UPDATE_ROW = 'UPDATE vulnerability SET link = ?, description = ?, content_hash = ? WHERE id = ?';
