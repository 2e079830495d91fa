import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files of a folder whose content was compared with its hash, so that the next start need not read them again.
 */
export type CheckedFiles = {
  /** When the times of all files were last updated, in milliseconds since 1970. */
  readonly touched: number;
  /** The state of each file before it was compared, by path. */
  readonly states: ReadonlyMap<string, string>;
};

/** The name of the record in its folder. */
const RECORD = 'checked';

/**
 * The time after which a change of a file certainly changes its time. Before that, the file system can give two changes
 * the same time; the steps of its clock take 2 seconds at most (FAT).
 */
export const SETTLED_MILLISECONDS = 3000;

/** Reads the record of a folder that only the user can change. A missing or unreadable record contains no files. */
export function readCheckedFiles(folder: string): CheckedFiles {
  const lines = recordIn(folder).split('\n');
  const states = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const end = line.indexOf(' ');
    states.set(line.slice(end + 1), line.slice(0, end));
  }
  return { touched: Number(lines[0]), states };
}

/**
 * Replaces the record of a folder, under a temporary name first, because several processes may start at once. If the
 * record cannot be written, for example because the disk is full, the next start compares the files again.
 */
export function writeCheckedFiles(folder: string, { touched, states }: CheckedFiles): void {
  const path = join(folder, RECORD);
  const unnamed = `${path}.${randomBytes(6).toString('hex')}`;
  const lines = [...states].map(([file, state]) => `${state} ${file}`);
  try {
    writeFileSync(unnamed, [touched, ...lines].join('\n'), { flag: 'wx', mode: 0o600 });
    renameSync(unnamed, path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    rmSync(unnamed, { force: true });
  }
}

/**
 * Returns the state of a file, which differs after each change of the file: no program can set the time of the last
 * change of an inode. A missing file has no state, and a file that has just changed has no state for three seconds.
 *
 * @param now the current time in milliseconds since 1970
 */
export function settledState(path: string, now: number): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || Number(stat.ctimeMs) > now - SETTLED_MILLISECONDS) return undefined;
  return `${stat.ino}:${stat.size}:${stat.ctimeNs}`;
}

function recordIn(folder: string): string {
  try {
    return readFileSync(join(folder, RECORD), 'utf8');
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return '';
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
