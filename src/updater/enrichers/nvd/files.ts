import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { openDownload } from '../../feed/download.ts';
import type { FetchContext } from '../../feed/fetcher.ts';
import type { FileValidators } from '../../feed/file-validators.ts';

export type NvdFile = {
  readonly name: string;
  readonly url: string;
  /** The SHA-256 of the uncompressed file, in lower-case hexadecimal. */
  readonly sha256: string;
  readonly lastModified: string;
};

/** The file with the changes of the last eight days. */
export const MODIFIED = 'modified';

const FIRST_YEAR = 2002;

/**
 * The time between two fetches that the file of recent changes covers. The time is one day shorter than the time in the
 * file, so that no change is lost between two fetches.
 */
const MODIFIED_COVERS_MS = 7 * 24 * 60 * 60 * 1000;

/** The maximum size of a `.meta` file; real `.meta` files are about 150 bytes. */
const MAX_META_BYTES = 64 * 1024;

/**
 * Reads the `.meta` file of each data file. There is one data file per year from 2002 (which includes older CVEs) to
 * `lastYear`, whose file may be missing, and a file of recent changes.
 *
 * @param base the address of the directory
 * @throws ClairError `bytes/…` if a `.meta` file cannot be read, `feed/invalid` if a `.meta` file is malformed
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
 * Returns the changed files to read. If the file of recent changes covers the time since the last update, returns only
 * this file. The list is empty if no file changed.
 */
export function changedFiles(files: readonly NvdFile[], known: FileValidators): readonly NvdFile[] {
  const changed = files.filter(({ name, sha256 }) => known.get(name)?.etag !== sha256);
  const modified = files.find(({ name }) => name === MODIFIED);
  const last = Date.parse(known.get(MODIFIED)?.lastModified ?? '');
  // `last` is NaN before the first update; comparisons with NaN are false.
  if (modified !== undefined && Date.parse(modified.lastModified) - last < MODIFIED_COVERS_MS) {
    return changed.filter(({ name }) => name === MODIFIED);
  }
  return changed;
}

async function describeFile(base: string, name: string, { http, signal }: FetchContext): Promise<NvdFile> {
  const address = new URL(`nvdcve-2.0-${name}`, base.endsWith('/') ? base : `${base}/`).href;
  const download = await openDownload(`${address}.meta`, { http, ...(signal && { signal }) });
  // The response always has a body, because the request has no validators.
  const bytes = download.kind === 'body' ? await allBytes(download.body, MAX_META_BYTES) : undefined;
  const text = bytes?.toString('latin1') ?? '';
  const sha256 = /^sha256:([0-9a-f]{64})\s*$/im.exec(text)?.[1]?.toLowerCase();
  const lastModified = /^lastModifiedDate:(\S+)\s*$/m.exec(text)?.[1];
  if (sha256 === undefined || lastModified === undefined) {
    throw new ClairError(
      'feed/invalid',
      `${address}.meta is not a valid NVD meta file: it must have \`sha256\` and \`lastModifiedDate\``,
    );
  }
  return { name, url: `${address}.json.gz`, sha256, lastModified };
}
