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

/** A file of the program: its path below the program's folder, its size in bytes and its SHA-256 in hex. */
export type ProgramFile = { readonly path: string; readonly size: number; readonly sha256: string };

/** The files that the executable brings. */
export type Program = {
  readonly files: readonly ProgramFile[];
  readonly content: (path: string) => Uint8Array;
};

export type UnpackOptions = {
  /** Where programs may lie, the best place first. */
  readonly folders: readonly string[];
  /** The number of the user who runs this. */
  readonly user: number;
  /** In milliseconds since 1970. */
  readonly now: number;
};

/** A program that nobody started, and no process keeps, for so long is of a release that was replaced. */
const UNUSED_MILLISECONDS: number = 30 * 86_400_000;

/**
 * Puts the files of the program on the disk, where they are not there already, and gives their folder. Node loads native
 * add-ons and the code of threads from files only.
 *
 * What lies there is run, so it must be nobody else's: the folder belongs to the user and to nobody else, nobody else
 * may rename a folder above it, and each file is compared with its hash whenever this is called. Files appear whole,
 * by a new name that is renamed, so that processes that start at once do not see each other's half.
 *
 * @throws ClairError `program/not-unpacked` when none of the folders will do; the message says why of each
 */
export function unpackProgram(program: Program, { folders, user, now }: UnpackOptions): string {
  const refusals: string[] = [];
  for (const folder of folders) {
    try {
      const home = privateFolder(folder, user);
      const release = join(home, nameOf(program.files));
      for (const file of program.files) putFile(release, file, program.content, now);
      utimesSync(release, now / 1000, now / 1000);
      removeUnused(home, now);
      return release;
    } catch (error) {
      if (!(error instanceof Error && ('syscall' in error || error instanceof UnfitFolder))) throw error;
      refusals.push(`  ${folder}: ${error.message}`);
    }
  }
  throw new ClairError('program/not-unpacked', `the files of this program can be put nowhere: ${refusals.join('; ')}`);
}

class UnfitFolder extends Error {}

/** By the content: another release lies beside this one, and the same one is not written twice. */
function nameOf(files: readonly ProgramFile[]): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 32);
}

function privateFolder(folder: string, user: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== user || (stat.mode & 0o077) !== 0) {
    throw new UnfitFolder(`it must be a folder of user ${user}, with rights for nobody else (0700)`);
  }
  const real = realpathSync(folder);
  // In a user namespace the superuser has another number: that of whoever owns the root directory.
  const trusted = new Set([user, 0, statSync('/').uid]);
  for (let at = dirname(real); ; at = dirname(at)) {
    const { uid, mode } = statSync(at);
    const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
    if (!trusted.has(uid) || isOpen) throw new UnfitFolder(`others than user ${user} may rename what is in ${at}`);
    if (at === dirname(at)) return real;
  }
}

function putFile(release: string, file: ProgramFile, content: Program['content'], now: number): void {
  const path = join(release, file.path);
  if (!isThere(path, file)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const unnamed = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      // Executable, for the check below.
      writeFileSync(unnamed, content(file.path), { flag: 'wx', mode: 0o500 });
      renameSync(unnamed, path);
    } finally {
      rmSync(unnamed, { force: true });
    }
  }
  assertRuns(path);
  // What cleans temporary folders goes by the age of files.
  utimesSync(path, now / 1000, now / 1000);
}

/** On a file system that was mounted with `noexec` no add-on can be loaded. */
function assertRuns(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw new UnfitFolder('it is on a file system that runs no programs (noexec)', { cause });
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
    // Another process may remove the same at the same time.
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!/^[0-9a-f]{32}$/.test(name) || stat === undefined || now - stat.mtimeMs < UNUSED_MILLISECONDS) continue;
    rmSync(path, { recursive: true, force: true });
  }
}
