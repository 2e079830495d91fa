import { ClairError } from '../../../errors.ts';
import type { Submission, SubmissionState } from '../../../model/submission.ts';
import type { Engine, Queries } from '../../engines/engine.ts';
import { type Added, batchAdditions } from './batched-additions.ts';
import type { DocumentParts, NewSubmission, SubmissionStore } from '../../contracts/submissions.ts';

/** Maximum number of waiting and running submissions. */
const MAX_UNFINISHED = 1000;

/** The maximum total size of the compressed SBOMs of waiting and running submissions, in bytes. */
const MAX_DOCUMENT_BYTES = 1024 ** 3;

/** The time for which finished submissions are kept, in milliseconds. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Stores submitted images and their progress. */
export function createSubmissionStore({ read, transaction }: Engine): SubmissionStore {
  return {
    // Additions run one at a time, because only one of two concurrent submissions may take the last place in the queue.
    add: batchAdditions((added) => transaction((queries) => addSubmissions(queries, added), { alone: 'submissions' })),
    async find(name) {
      const row = await read.get<SubmissionRow>(`${SELECT_SUBMISSIONS} WHERE name = ?`, [name]);
      return row && submissionOfRow(row);
    },
    async part(name, number) {
      return (await read.get<{ bytes: Uint8Array }>(SELECT_PART, [number, name]))?.bytes;
    },
    async list({ before, limit }) {
      const rows = await read.all<SubmissionRow>(`${SELECT_SUBMISSIONS} WHERE id < ? ORDER BY id DESC LIMIT ?`, [
        before,
        limit,
      ]);
      return rows.map(submissionOfRow);
    },
    async unfinished(limit) {
      const rows = await read.all<SubmissionRow>(
        // Sorts in index order, because PostgreSQL would also read all finished submissions to sort by `id` only.
        `${SELECT_SUBMISSIONS} WHERE finished_at IS NULL ORDER BY finished_at, id LIMIT ?`,
        [limit],
      );
      return rows.map(submissionOfRow);
    },
    async count() {
      const rows = await read.all<{ state: SubmissionState; count: number }>(COUNT_BY_STATE);
      const countOf = (state: SubmissionState): number => rows.find((row) => row.state === state)?.count ?? 0;
      return { queued: countOf('queued'), reading: countOf('reading') };
    },
    async begin(name) {
      await transaction((queries) => queries.run(BEGIN, [name]));
    },
    async release(name) {
      await transaction((queries) => queries.run(RELEASE, [name]));
    },
    async noteProgress(name, { total, done, known }) {
      await transaction((queries) => queries.run(NOTE_PROGRESS, [total, done, known, name]));
    },
    async finish(name, { at, images, error }) {
      const state = error === null ? 'done' : 'failed';
      const words = error === null ? null : JSON.stringify(error);
      await transaction(async (queries) => {
        await queries.run(FINISH, [state, JSON.stringify(images), words, at, name]);
        await queries.run(DELETE_PARTS, [name]);
      });
    },
  };
}

async function addSubmissions(
  queries: Queries,
  submissions: readonly NewSubmission[],
): Promise<readonly Added<Submission>[]> {
  const latest = Math.max(...submissions.map(({ createdAt }) => createdAt));
  await queries.run('DELETE FROM submission WHERE finished_at < ?', [latest - KEPT_MS]);
  const unfinished = await queries.get<{ count: number }>(COUNT_UNFINISHED, [MAX_UNFINISHED]);
  let places = MAX_UNFINISHED - (unfinished?.count ?? 0);
  const added: Added<Submission>[] = [];
  for (const submission of submissions) {
    const same = await findSame(queries, submission);
    const obstacle = same === undefined ? await obstacleTo(queries, submission, places) : undefined;
    if (obstacle !== undefined) {
      added.push({ error: new ClairError('submission/queue-full', obstacle) });
      continue;
    }
    if (same === undefined) places -= 1;
    added.push({ item: same ?? (await insertSubmission(queries, submission)) });
  }
  return added;
}

/** Returns the unfinished submission of the same SBOM with the same options and target, if there is one. */
async function findSame(queries: Queries, { document, target }: NewSubmission): Promise<Submission | undefined> {
  const row = document && (await queries.get<SubmissionRow>(SELECT_SAME, [textOf(document), target]));
  return row && submissionOfRow(row);
}

/** Returns the reason why the queue cannot accept a submission; undefined if it can. */
async function obstacleTo(queries: Queries, { document }: NewSubmission, places: number): Promise<string | undefined> {
  if (places <= 0) return `${MAX_UNFINISHED} submissions are already waiting or running`;
  if (document === undefined) return undefined;
  const waiting = await queries.get<{ sum: number }>(SUM_DOCUMENTS);
  const total = (waiting?.sum ?? 0) + bytesOf(document);
  if (total <= MAX_DOCUMENT_BYTES) return undefined;
  return `with this SBOM, the waiting SBOMs would have a compressed size of ${total} bytes; the maximum is ${MAX_DOCUMENT_BYTES}`;
}

async function insertSubmission(
  queries: Queries,
  { name, target, platform, isUpload, createdAt, access = null, request = null, document }: NewSubmission,
): Promise<Submission> {
  const row = await queries.get<SubmissionRow>(INSERT, [
    name,
    target,
    platform,
    isUpload ? 1 : 0,
    access === null ? null : JSON.stringify(access),
    request,
    document === undefined ? null : textOf(document),
    document === undefined ? null : bytesOf(document),
    createdAt,
  ]);
  if (row === undefined) throw new Error('INSERT … RETURNING returned no row for the submission');
  for (const [number, part] of (document?.parts ?? []).entries()) {
    await queries.run(INSERT_PART, [row.id, number, part]);
  }
  return submissionOfRow(row);
}

function bytesOf({ parts }: DocumentParts): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Returns the identity of a submitted SBOM. Submissions with the same identity need the same analysis. */
function textOf({ digest, distribution, appliesVex, image }: DocumentParts): string {
  return JSON.stringify({ digest, distribution, appliesVex, image });
}

type SubmissionRow = {
  readonly id: number;
  readonly name: string;
  readonly target: string;
  readonly platform: string | null;
  readonly state: SubmissionState;
  readonly layers: number;
  readonly layers_done: number;
  readonly layers_known: number;
  readonly images: string;
  readonly error: string | null;
  readonly attempts: number;
  readonly is_upload: 0 | 1;
  readonly access: string | null;
  readonly request: string | null;
  readonly document: string | null;
  readonly created_at: number;
  readonly finished_at: number | null;
};

function submissionOfRow(row: SubmissionRow): Submission {
  return {
    id: row.id,
    name: row.name,
    target: row.target,
    platform: row.platform,
    state: row.state,
    layers: { total: row.layers, done: row.layers_done, known: row.layers_known },
    images: JSON.parse(row.images),
    error: row.error === null ? null : JSON.parse(row.error),
    attempts: row.attempts,
    isUpload: row.is_upload === 1,
    access: row.access === null ? null : JSON.parse(row.access),
    request: row.request,
    document: row.document === null ? null : JSON.parse(row.document),
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

const COLUMNS =
  'id, name, target, platform, state, layers, layers_done, layers_known, images, error, attempts, is_upload, access, request, document, created_at, finished_at';

const SELECT_SUBMISSIONS = `SELECT ${COLUMNS} FROM submission`;

const COUNT_BY_STATE = 'SELECT state, COUNT(*) AS count FROM submission WHERE finished_at IS NULL GROUP BY state';

const COUNT_UNFINISHED = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM submission WHERE finished_at IS NULL LIMIT ?) AS unfinished`;

const INSERT = `
INSERT INTO submission (name, target, platform, state, layers, layers_done, layers_known, images, attempts, is_upload, access, request, document, document_bytes, created_at)
VALUES (?, ?, ?, 'queued', 0, 0, 0, '[]', 0, ?, ?, ?, ?, ?, ?)
RETURNING ${COLUMNS}`;

const SELECT_SAME = `${SELECT_SUBMISSIONS} WHERE document = ? AND target = ? AND finished_at IS NULL`;

const SUM_DOCUMENTS =
  'SELECT CAST(COALESCE(SUM(document_bytes), 0) AS bigint) AS sum FROM submission WHERE finished_at IS NULL';

const INSERT_PART = 'INSERT INTO submission_part (submission, number, bytes) VALUES (?, ?, ?)';

const SELECT_PART = `
SELECT bytes FROM submission_part WHERE number = ? AND submission = (SELECT id FROM submission WHERE name = ?)`;

const DELETE_PARTS = 'DELETE FROM submission_part WHERE submission = (SELECT id FROM submission WHERE name = ?)';

const BEGIN = "UPDATE submission SET state = 'reading', attempts = attempts + 1 WHERE name = ? AND finished_at IS NULL";

const RELEASE =
  "UPDATE submission SET state = 'queued', attempts = attempts - 1 WHERE name = ? AND finished_at IS NULL";

const NOTE_PROGRESS = `
UPDATE submission SET layers = ?, layers_done = ?, layers_known = ? WHERE name = ? AND finished_at IS NULL`;

const FINISH = `
UPDATE submission SET state = ?, images = ?, error = ?, finished_at = ?, access = NULL WHERE name = ? AND finished_at IS NULL`;
