import { allBytes } from '../../../../bytes/all-bytes.ts';
import type { ByteStream } from '../../../../bytes/byte-stream.ts';
import { shownAddress } from '../../../../bytes/http/client.ts';
import { ClairError } from '../../../../errors.ts';
import type { RepositoryCpes } from '../../../../model/repository-cpes.ts';
import { DocumentIntake, type FeedDocument } from '../../../feed/document-intake.ts';
import { type Download, openDownload } from '../../../feed/download.ts';
import { addRecordDiagnostic, skipped } from '../../../advisories/record-diagnostics.ts';
import type { FeedValidators, FetchContext, RecordDiagnostics } from '../../../feed/fetcher.ts';
import { readRepositoryList } from '../repository-list.ts';
import { readVexChanges, type VexChange } from './vex-changes.ts';

export type VexList = { readonly list: readonly VexChange[]; readonly validators: FeedValidators };

/**
 * Reads `changes.csv` or `deletions.csv`; adds malformed lines to `recordDiagnostics`.
 *
 * @throws ClairError `bytes/…`; `feed/invalid` when no line is a change.
 */
export async function readVexList(
  url: string,
  context: FetchContext,
  recordDiagnostics: RecordDiagnostics,
): Promise<VexList> {
  const { text, where, validators } = await readText(url, context, MAX_LIST_BYTES);
  const { changes, diagnostics } = readVexChanges(text);
  if (changes.length === 0 && diagnostics.length > 0) {
    throw new ClairError('feed/invalid', `${where} is not a list of changes: ${diagnostics[0] ?? ''}`);
  }
  for (const message of diagnostics) addRecordDiagnostic(recordDiagnostics, skipped(`${where}: ${message}`));
  return { list: changes, validators };
}

/** The list of repositories if it changed; without validators if it does not exist. */
export type RepositoryFile = { readonly repositories?: RepositoryCpes; readonly validators?: FeedValidators };

/**
 * Reads the list of repositories if it changed and exists.
 *
 * @param known the validators of the last response
 * @throws ClairError `bytes/…`, `feed/invalid`
 */
export async function readRepositoryFile(
  url: string,
  context: FetchContext,
  known: FeedValidators | undefined,
  recordDiagnostics: RecordDiagnostics,
): Promise<RepositoryFile> {
  try {
    const answer = await openDownload(url, { ...unconditional(context), ...(known && { validators: known }) });
    if (answer.kind === 'not-modified') return known === undefined ? {} : { validators: known };
    const document = documentOf(url, answer, context);
    return { repositories: await readRepositoryList(document, recordDiagnostics), validators: answer.validators };
  } catch (error) {
    if (error instanceof ClairError && error.code === 'bytes/not-found') return {};
    throw error;
  }
}

/** Reads the name of the latest archive. @throws ClairError `bytes/…`; `feed/invalid` for another text. */
export async function readArchiveName(url: string, context: FetchContext): Promise<string> {
  const { text, where } = await readText(url, context, MAX_NAME_BYTES);
  const name = text.trim();
  // The name becomes part of a URL.
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*\.tar\.[a-z0-9]+$/.test(name)) return name;
  throw new ClairError('feed/invalid', `${where} names no archive: ${JSON.stringify(name.slice(0, 80))}`);
}

/** Returns whether a file is unchanged. @throws ClairError `bytes/…` */
export async function isUnchanged(url: string, context: FetchContext, validators: FeedValidators): Promise<boolean> {
  const answer = await openDownload(url, { ...unconditional(context), validators });
  // Releases the connection.
  if (answer.kind === 'body') await allBytes(answer.body, 0);
  return answer.kind === 'not-modified';
}

/** A changed document; without content if it does not exist any more. */
export type ChangedDocument = { readonly path: string; readonly document?: FeedDocument };

/**
 * Requests documents below `base`, several at once, and yields them in the order of `paths`.
 *
 * @throws ClairError `bytes/…` during iteration when a document cannot be read; deleted ones are no error.
 */
export async function* changedDocuments(
  base: string,
  paths: readonly string[],
  context: FetchContext,
): AsyncGenerator<ChangedDocument> {
  const stop = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, stop.signal]) : stop.signal;
  const intake = new DocumentIntake({ signal });
  const waiting: Promise<ChangedBytes>[] = [];
  let next = 0;
  const ask = (): void => {
    const path = paths[next];
    if (path === undefined) return;
    next += 1;
    const asked = readChanged(base, path, { ...context, signal });
    // Awaiting it below throws an early error.
    asked.catch(() => undefined);
    waiting.push(asked);
  };
  try {
    for (let ahead = 0; ahead < PARALLEL; ahead += 1) ask();
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) {
      const { path, where, bytes } = await first;
      ask();
      yield bytes === undefined ? { path } : { path, document: intake.document(path, where, () => once(bytes)) };
    }
  } finally {
    stop.abort();
    await Promise.allSettled(waiting);
  }
}

/** Returns the context of a request without conditions. */
export function unconditional({ http, signal }: FetchContext): Pick<FetchContext, 'http' | 'signal'> {
  return { http, ...(signal && { signal }) };
}

/** The lists have one line per document: about 3 MB. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

const MAX_NAME_BYTES = 4096;

/** As sent, possibly compressed. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

/** Maximum number of concurrent requests, and of documents that wait in memory. */
const PARALLEL = 6;

type ChangedBytes = { readonly path: string; readonly where: string; readonly bytes?: Buffer };

async function readChanged(base: string, path: string, context: FetchContext): Promise<ChangedBytes> {
  const url = `${base}${path}`;
  const where = shownAddress(url);
  try {
    const { body } = await download(url, context);
    return { path, where, bytes: await boundedBytes(body, where, MAX_DOCUMENT_BYTES) };
  } catch (error) {
    if (error instanceof ClairError && error.code === 'bytes/not-found') return { path, where };
    throw error;
  }
}

type Body = Extract<Download, { kind: 'body' }>;

type Text = { readonly text: string; readonly where: string; readonly validators: FeedValidators };

async function readText(url: string, context: FetchContext, maxBytes: number): Promise<Text> {
  const answer = await download(url, context);
  const { where, validators } = answer;
  const { stream } = documentOf(url, answer, context);
  return { text: (await boundedBytes(stream, where, maxBytes)).toString('utf8'), where, validators };
}

function documentOf(url: string, { body, where }: Body, { signal }: FetchContext): FeedDocument {
  return new DocumentIntake({ ...(signal && { signal }) }).document(url, where, () => body);
}

async function download(url: string, context: FetchContext): Promise<Body> {
  const answer = await openDownload(url, unconditional(context));
  if (answer.kind === 'body') return answer;
  throw new ClairError(
    'bytes/unreachable',
    `${shownAddress(url)} responded with status 304 to an unconditional request`,
  );
}

async function boundedBytes(stream: ByteStream, where: string, maxBytes: number): Promise<Buffer> {
  const bytes = await allBytes(stream, maxBytes);
  if (bytes !== undefined) return bytes;
  throw new ClairError('bytes/limit-exceeded', `${where}: more than ${maxBytes} bytes`);
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
