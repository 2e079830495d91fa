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
import type { ManualEdit, ManualStore, StoredEdit } from '../../contracts/manual-vulnerabilities.ts';
import type { VulnerabilityRecord } from '../../contracts/vulnerabilities.ts';
import { readNvdSeverities, withNvdSeverity } from '../enrichments/nvd-severities.ts';
import { isThere } from '../affected/introducing-layers.ts';
import { textOrder } from '../../../model/text-order.ts';
import { readStoredLines, type StoredLines } from './stored-lines.ts';
import { isPrintableAscii, isStorable } from './storable-text.ts';
import { readStoredAdvisory } from './stored-vulnerabilities.ts';

/** Stores manual vulnerabilities, in a feed that no update changes. */
export function createManualStore(engine: Engine): ManualStore {
  return {
    edit: (edit) =>
      engine.transaction((queries) => editAdvisory(queries, edit), { alone: `feed ${MANUAL_FEED}`, pipelined: true }),
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
): Promise<StoredEdit> {
  const found = await findNamed(queries, feed, name);
  const present = found.id === null ? undefined : await readPresent(queries, found.id);
  const next = change(present?.vulnerability);
  const updateOf = createFeedUpdates(queries, at);
  if (next === undefined) {
    if (present === undefined) return {};
    await queries.write('DELETE FROM vulnerability WHERE id = ?', [present.id]);
    await log(queries, { feed, name, kind: 'withdrawn', before: present.rated, at, update: await updateOf(feed) });
    return {};
  }
  const sorted = { ...next, affected: next.affected.toSorted(byPackage) };
  const [ordered] = orderedAdvisories([sorted]);
  if (ordered === undefined) throw new Error('sorting an advisory returned no advisory');
  const isEqual = found.content_hash !== null && ordered.contentHash.equals(found.content_hash);
  if (isEqual && present?.vulnerability.metadata === next.metadata) return {};
  if (feed === MANUAL_FEED) refuseFiles(next);
  if (present !== undefined) await removeParts(queries, present.id);
  // Of these calls, only the second can run more than one statement, and it only reads.
  const [id, lines, update] = await Promise.all([
    writeRow(queries, feed, present, next, ordered.contentHash),
    readStoredLines(queries, next.affected),
    updateOf(feed),
  ]);
  if (next.metadata !== undefined) await queries.write(INSERT_METADATA, [id, next.metadata]);
  const schemeOf = schemesOf(lines, formats);
  const affectedRows = createAffectedRows(queries, schemeOf, lines);
  affectedRows.add(id, next.affected);
  await affectedRows.write();
  const kind = present === undefined ? 'added' : 'changed';
  await log(queries, { feed, name: next.id, kind, before: present?.rated, at, update });
  return found.is_elsewhere === 0 && isStoredAsIs(sorted) ? { only: { record: recordOf(feed, sorted), schemeOf } } : {};
}

/** The stored vulnerability of a feed; the id and the hash are null if it is not stored. */
type Found = {
  readonly id: number | null;
  readonly content_hash: Uint8Array | null;
  /** 1 if another feed has the name, or the NVD has a score for it. */
  readonly is_elsewhere: number;
};

async function findNamed(queries: Queries, feed: string, name: string): Promise<Found> {
  const row = await queries.get<Found>(SELECT_NAMED, [feed, name]);
  if (row === undefined) throw new Error('a query of constants returned no row');
  return row;
}

type Present = {
  readonly id: number;
  readonly vulnerability: ManualVulnerability;
  /** The vulnerability with the NVD severity for packages without a severity. */
  readonly rated: Advisory;
};

async function readPresent(queries: Queries, id: number): Promise<Present | undefined> {
  const [advisory, severities, row] = await Promise.all([
    readStoredAdvisory(queries, id),
    readNvdSeverities(queries, [id]),
    queries.get<{ metadata: string }>('SELECT metadata FROM manual_metadata WHERE vulnerability = ?', [id]),
  ]);
  if (advisory === undefined) return undefined;
  const rated = { ...advisory, affected: withNvdSeverity(advisory.affected, severities.get(id)) };
  return { id, vulnerability: { ...advisory, ...row }, rated };
}

async function removeParts(queries: Queries, id: number): Promise<void> {
  await queries.write('DELETE FROM manual_metadata WHERE vulnerability = ?', [id]);
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
  present: Present | undefined,
  { id: name, link, description }: Advisory,
  contentHash: Uint8Array,
): Promise<number> {
  if (present !== undefined) {
    await queries.write(UPDATE_ROW, [link, description, contentHash, present.id]);
    return present.id;
  }
  const row = await queries.get<{ id: number }>(INSERT_ROW, [feed, name, link, description, contentHash]);
  if (row === undefined) throw new Error('an insert returned no id');
  return row.id;
}

/**
 * Returns the scheme of each namespace: its stored scheme, otherwise the scheme that its name implies, otherwise the
 * scheme from the client.
 */
function schemesOf(lines: StoredLines, formats: ManualEdit['formats']): (namespace: string) => SchemeId {
  return (namespace) => {
    const scheme = lines.schemeOf(namespace) ?? schemeOfNamespace(namespace) ?? formats?.get(namespace);
    if (scheme !== undefined) return scheme;
    throw new ClairError(
      'namespace/not-found',
      `unknown namespace ${namespace}: a new namespace needs a known distribution or ecosystem as prefix, or a VersionFormat in FixedIn (POST /v1/namespaces/NAMESPACE/vulnerabilities)`,
    );
  };
}

/**
 * Returns whether the database returns a vulnerability as it was given. The database keeps one of several equal ranges of
 * a package, sorts names by bytes, and replaces characters that it cannot store.
 */
function isStoredAsIs({ link, description, affected }: Advisory): boolean {
  const places = new Set(affected.map(({ namespace, package: name, role }) => `${namespace}\n${role}\n${name}`));
  const names = affected.flatMap(({ namespace, package: name }) => [namespace, name]);
  const texts = [link, description, ...affected.map(({ fixed = '' }) => fixed)];
  return places.size === affected.length && names.every(isPrintableAscii) && texts.every(isStorable);
}

function recordOf(
  feed: string,
  { id: name, link, description, metadata, affected }: ManualVulnerability,
): VulnerabilityRecord {
  return { feed, name, link, description, ...(metadata !== undefined && { metadata }), aliases: [], affected };
}

type LoggedChange = {
  readonly feed: string;
  readonly name: string;
  readonly kind: Change['kind'];
  readonly before: Advisory | undefined;
  readonly at: number;
  /** The id of the feed update. */
  readonly update: number;
};

async function log(queries: TransactionQueries, { feed, name, kind, before, at, update }: LoggedChange): Promise<void> {
  const text = before === undefined ? null : JSON.stringify(before);
  await queries.insertMany(LOGGED_CHANGES, [[feed, name, kind, text, at, 0, update]]);
  await raiseRevision(queries, 'data');
}

function byPackage(a: Advisory['affected'][number], b: Advisory['affected'][number]): number {
  return textOrder(a.namespace, b.namespace) || textOrder(a.package, b.package);
}

const INSERT_ROW = `
INSERT INTO vulnerability (feed, name, link, description, content_hash) VALUES (?, ?, ?, ?, ?) RETURNING id`;

const INSERT_METADATA = 'INSERT INTO manual_metadata (vulnerability, metadata) VALUES (?, ?)';

const UPDATE_ROW = 'UPDATE vulnerability SET link = ?, description = ?, content_hash = ? WHERE id = ?';

/** Parameters: the feed and the name. */
const SELECT_NAMED = `
SELECT own.id, own.content_hash, CASE
  WHEN ${isThere(`
    SELECT 1 FROM vulnerability AS other WHERE other.name = wanted.name AND other.feed <> wanted.feed`)} THEN 1
  WHEN ${isThere(`
    SELECT 1 FROM enrichment WHERE enrichment.kind = 'cvss' AND enrichment.cve = wanted.name`)} THEN 1
  ELSE 0
END AS is_elsewhere
FROM (SELECT CAST(? AS TEXT) AS feed, CAST(? AS TEXT) AS name) AS wanted
  LEFT JOIN vulnerability AS own ON own.feed = wanted.feed AND own.name = wanted.name`;
