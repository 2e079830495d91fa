import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { openDownload } from '../../feed/download.ts';
import type { FetchContext } from '../../feed/fetcher.ts';
import type { FileValidators } from '../../feed/file-validators.ts';

export type NvdFile = {
  readonly name: string;
  readonly url: string;
  /** SHA-256 of the uncompressed file, lower case. */
  readonly sha256: string;
  readonly lastModified: string;
};

/** The file with the changes of the last eight days. */
export const MODIFIED = 'modified';

const FIRST_YEAR = 2002;

/** One day less than the file covers, so that no change falls between two fetches. */
const MODIFIED_COVERS_MS = 7 * 24 * 60 * 60 * 1000;

/** A `.meta` is about 150 bytes. */
const MAX_META_BYTES = 64 * 1024;

/**
 * Reads the `.meta` of each file: one per year from 2002 (which includes older CVEs) to `lastYear`, which may be
 * missing, then the recent changes.
 *
 * @param base the address of the directory
 * @throws ClairError `bytes/…` when a `.meta` cannot be read, `feed/invalid` when it is malformed.
 */
export async function nvdFiles(base: string, lastYear: number, context: FetchContext): Promise<readonly NvdFile[]> {
  const years = Array.from({ length: lastYear - FIRST_YEAR + 1 }, (_, index) => String(FIRST_YEAR + index));
  const files: NvdFile[] = [];
  for (const name of [...years, MODIFIED]) {
    try {
      files.push(await describeFile(base, name, context));
    } catch (error) {
      const isTooEarly = error instanceof ClairError && error.code === 'bytes/not-found' && name === String(lastYear);
      if (!isTooEarly) throw error;
    }
  }
  return files;
}

/**
 * Returns the files to read: an empty list when nothing changed; only the file of recent changes if it covers the time
 * since the last update; otherwise all changed files.
 */
export function changedFiles(files: readonly NvdFile[], known: FileValidators): readonly NvdFile[] {
  const changed = files.filter(({ name, sha256 }) => known.get(name)?.etag !== sha256);
  const modified = files.find(({ name }) => name === MODIFIED);
  const last = Date.parse(known.get(MODIFIED)?.lastModified ?? '');
  // Comparisons with NaN are false.
  if (modified !== undefined && Date.parse(modified.lastModified) - last < MODIFIED_COVERS_MS) {
    return changed.filter(({ name }) => name === MODIFIED);
  }
  return changed;
}

async function describeFile(base: string, name: string, { http, signal }: FetchContext): Promise<NvdFile> {
  const address = new URL(`nvdcve-2.0-${name}`, base.endsWith('/') ? base : `${base}/`).href;
  const download = await openDownload(`${address}.meta`, { http, ...(signal && { signal }) });
  // The response is never "not modified", because the request has no validators.
  const bytes = download.kind === 'body' ? await allBytes(download.body, MAX_META_BYTES) : undefined;
  const text = bytes?.toString('latin1') ?? '';
  const sha256 = /^sha256:([0-9a-f]{64})\s*$/im.exec(text)?.[1]?.toLowerCase();
  const lastModified = /^lastModifiedDate:(\S+)\s*$/m.exec(text)?.[1];
  if (sha256 === undefined || lastModified === undefined) {
    throw new ClairError('feed/invalid', `${address}.meta is not a valid NVD meta file`);
  }
  return { name, url: `${address}.json.gz`, sha256, lastModified };
}
