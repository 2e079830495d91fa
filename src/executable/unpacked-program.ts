import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ClairError } from '../errors.ts';
import { readCheckedFiles, settledState, writeCheckedFiles } from './checked-files.ts';

/** A file of the program, with its path in the program folder, its size in bytes and its SHA-256 in hexadecimal. */
export type ProgramFile = { readonly path: string; readonly size: number; readonly sha256: string };

/** The files in the executable. */
export type Program = {
  readonly files: readonly ProgramFile[];
  readonly content: (path: string) => Uint8Array;
};

export type UnpackOptions = {
  /** The candidate folders for programs, best first. */
  readonly folders: readonly string[];
  /** The ID of the current user. */
  readonly user: number;
  /** The current time in milliseconds since 1970. */
  readonly now: number;
};

export const DAY_MILLISECONDS = 86_400_000;

/**
 * The time after which an unused program is deleted, because a new release has replaced it; each start and each running
 * process resets the time.
 */
const UNUSED_MILLISECONDS: number = 30 * DAY_MILLISECONDS;

/**
 * The time after which all files are compared again, and their times are updated. systemd deletes files in `/tmp` after
 * 10 days.
 */
const TOUCHED_MILLISECONDS: number = 4 * DAY_MILLISECONDS;

/**
 * Unpacks the files of the program, unless the files exist, and returns their folder. Node.js loads native add-ons and
 * thread code only from files.
 *
 * The files are executed, so other users must not be able to change them. Therefore, the folder belongs only to the
 * user, no other user can rename a parent folder, and every call compares the changed files with their hashes, and every
 * few days all files. Files are written under a temporary name and then renamed, so that concurrent processes never see
 * partial files.
 *
 * @throws ClairError `program/not-unpacked` if no folder is suitable; the message gives the reason for each folder
 */
export function unpackProgram(program: Program, { folders, user, now }: UnpackOptions): string {
  const refusals: string[] = [];
  for (const folder of folders) {
    try {
      const home = privateFolder(folder, user);
      const release = join(home, nameOf(program.files));
      putFiles(release, program, now);
      utimesSync(release, now / 1000, now / 1000);
      removeUnused(home, now);
      return release;
    } catch (error) {
      if (!(error instanceof Error && ('syscall' in error || error instanceof UnfitFolder))) throw error;
      refusals.push(`${folder}: ${error.message}`);
    }
  }
  throw new ClairError(
    'program/not-unpacked',
    `found no directory to unpack this program into: ${refusals.join('; ')}`,
  );
}

class UnfitFolder extends Error {}

/**
 * Returns the folder name. The name depends on the content, so that releases have separate folders and each release is
 * unpacked only once.
 */
function nameOf(files: readonly ProgramFile[]): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 32);
}

function privateFolder(folder: string, user: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== user || (stat.mode & 0o077) !== 0) {
    throw new UnfitFolder(`must be a directory of user ${user} with mode 0700`);
  }
  const real = realpathSync(folder);
  // In a user namespace, root has a different ID: the owner of the root directory.
  const trusted = new Set([user, 0, statSync('/').uid]);
  for (let at = dirname(real); ; at = dirname(at)) {
    const { uid, mode } = statSync(at);
    const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if (!trusted.has(uid) || isOpen) throw new UnfitFolder(`users other than user ${user} can rename entries in ${at}`);
    if (at === dirname(at)) return real;
  }
}

function putFiles(release: string, { files, content }: Program, now: number): void {
  const checked = readCheckedFiles(release);
  // Update the times of the files, because programs that clean up temporary folders delete old files.
  const isTouched = checked.touched <= now && now - checked.touched < TOUCHED_MILLISECONDS;
  const states = new Map<string, string>();
  let areChecked = true;
  for (const [index, file] of files.entries()) {
    const path = join(release, file.path);
    const state = settledState(path, now);
    const isChecked = isTouched && state !== undefined && state === checked.states.get(file.path);
    if (!isChecked && !isThere(path, file)) putFile(path, content(file.path));
    else if (state !== undefined) states.set(file.path, state);
    // All files are on one file system.
    if (index === 0) assertRuns(path);
    if (!isTouched) utimesSync(path, now / 1000, now / 1000);
    areChecked &&= isChecked;
  }
  if (!areChecked) writeCheckedFiles(release, { touched: isTouched ? checked.touched : now, states });
}

function putFile(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unnamed = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    // The mode includes the execute permission, which the check below requires.
    writeFileSync(unnamed, content, { flag: 'wx', mode: 0o500 });
    renameSync(unnamed, path);
  } finally {
    rmSync(unnamed, { force: true });
  }
}

/**
 * Checks that the file can be executed, because a file system that is mounted with `noexec` cannot provide native
 * add-ons.
 */
function assertRuns(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new UnfitFolder('is on a file system that is mounted with noexec', { cause });
  }
}

function isThere(path: string, { size, sha256 }: ProgramFile): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size !== size) return false;
  return createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
}

function removeUnused(home: string, now: number): void {
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    // Another process can remove the same folder at the same time.
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!/^[0-9a-f]{32}$/.test(name) || stat === undefined || now - stat.mtimeMs < UNUSED_MILLISECONDS) continue;
    rmSync(path, { recursive: true, force: true });
  }
}
