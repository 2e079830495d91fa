/**
 * Limits memory for big files: the reader calls `take` before it collects such a file, and `give` after it has read the
 * file.
 */
export type BigFileWatch = { readonly take: (path: string) => void; readonly give: () => void };

/** Smaller files may be in memory in all threads at once. */
export const BIG_FILE_BYTES: number = 16 * 1024 * 1024;
