import { ClairError } from '../../../../errors.ts';
import type { RepositoryCpes } from '../../../../model/repository-cpes.ts';
import { openDownload } from '../../../feed/download.ts';
import { documentOf, readTextFile, unconditional } from '../../../feed/single-files.ts';
import { addRecordDiagnostic, skipped } from '../../../advisories/record-diagnostics.ts';
import type { FeedValidators, FetchContext, RecordDiagnostics } from '../../../feed/fetcher.ts';
import { readRepositoryList } from '../repository-list.ts';
import { readVexChanges, type VexChange } from './vex-changes.ts';

export type VexList = { readonly list: readonly VexChange[]; readonly validators: FeedValidators };

/**
 * Reads `changes.csv` or `deletions.csv`; adds a diagnostic to `recordDiagnostics` for each malformed line.
 *
 * @throws ClairError `bytes/…`; `feed/invalid` if all lines are malformed
 */
export async function readVexList(
  url: string,
  context: FetchContext,
  recordDiagnostics: RecordDiagnostics,
): Promise<VexList> {
  const { text, where, validators } = await readTextFile(url, context, MAX_LIST_BYTES);
  const { changes, diagnostics } = readVexChanges(text);
  if (changes.length === 0 && diagnostics.length > 0) {
    throw new ClairError('feed/invalid', `${where} is not a list of changes: ${diagnostics[0] ?? ''}`);
  }
  for (const message of diagnostics) addRecordDiagnostic(recordDiagnostics, skipped(`${where}: ${message}`));
  return { list: changes, validators };
}

/**
 * The result of reading the list of repositories. `repositories` is absent if the list is unchanged or does not exist;
 * `validators` is absent if the list does not exist.
 */
export type RepositoryFile = { readonly repositories?: RepositoryCpes; readonly validators?: FeedValidators };

/**
 * Reads the list of repositories unless it is unchanged or missing.
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

/**
 * Reads the name of the latest archive. @throws ClairError `bytes/…`; `feed/invalid` if the text is not the name of an
 * archive
 */
export async function readArchiveName(url: string, context: FetchContext): Promise<string> {
  const { text, where } = await readTextFile(url, context, MAX_NAME_BYTES);
  const name = text.trim();
  // Check the name, because it becomes part of a URL.
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*\.tar\.[a-z0-9]+$/.test(name)) return name;
  throw new ClairError('feed/invalid', `${where} names no archive: ${JSON.stringify(name.slice(0, 80))}`);
}

/** The maximum size of a list in bytes; a list has one line per document and is about 3 MB. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

const MAX_NAME_BYTES = 4096;
