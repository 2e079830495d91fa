import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecordTimes, type RecordTimes, writeRecordTimes } from './record-list.ts';

/**
 * The lists of documents in the cache, by the SHA-256 of their text. A list is kept until the stored state of the feed
 * refers to another list. The list of the stored data is therefore still available after a failed update.
 */
export type StoredLists = {
  /** Reads a list; undefined for a list that is missing or damaged. */
  readonly read: (digest: string) => Promise<RecordTimes | undefined>;
  /**
   * Writes a list and returns its digest; undefined if the cache cannot be written. The next update then reads the
   * whole archive.
   */
  readonly write: (times: RecordTimes) => Promise<string | undefined>;
  /** Deletes all lists except the lists with these digests. */
  readonly keepOnly: (digests: readonly string[]) => Promise<void>;
};

/** Opens the lists in a directory, which is created on first use; without a directory, nothing is stored. */
export function openStoredLists(directory: string | undefined): StoredLists {
  if (directory === undefined) {
    return { read: async () => undefined, write: async () => undefined, keepOnly: async () => undefined };
  }
  const pathOf = (digest: string): string => join(directory, `${digest}.csv`);
  return {
    async read(digest) {
      try {
        const text = await readFile(pathOf(digest), 'utf8');
        return hash('sha256', text) === digest ? await parseRecordTimes(text) : undefined;
      } catch {
        return undefined;
      }
    },
    async write(times) {
      const text = await writeRecordTimes(times);
      const digest = hash('sha256', text);
      try {
        await mkdir(directory, { recursive: true });
        await writeFile(`${pathOf(digest)}.part`, text);
        await rename(`${pathOf(digest)}.part`, pathOf(digest));
        return digest;
      } catch {
        return undefined;
      }
    },
    async keepOnly(digests) {
      const names = await readdir(directory).catch((): string[] => []);
      const kept = new Set(digests.map((digest) => `${digest}.csv`));
      for (const name of names.filter((each) => /^[0-9a-f]{64}\.csv/.test(each) && !kept.has(each))) {
        await rm(join(directory, name), { force: true });
      }
    },
  };
}
