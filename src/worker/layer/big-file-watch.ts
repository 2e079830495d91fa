import { setImmediate as nextTurn } from 'node:timers/promises';
import { shownName } from '../../bytes/tar/name.ts';
import { ClairError } from '../../errors.ts';
import type { LayerLimits } from './limits.ts';

/**
 * Limits memory for big files: before the reader collects a file, it calls one of the first two functions, once or
 * several times; after it has read the file, it calls `give`.
 */
export type BigFileWatch = {
  /** Takes the turn if the file is big. @param bytes the size of the file, which is kept in memory as a whole */
  readonly takeForFile: (path: string, bytes: number) => void;
  /** Takes the turn if the program is big. @param bytes the number of bytes of the program that are kept in memory */
  readonly takeForProgram: (path: string, bytes: number) => void;
  /**
   * `isFreed` states whether all memory for the file is freed after the call without a garbage collection. This is not
   * so for archives, because their detectors leave inflated archives of up to 64 MiB.
   */
  readonly give: (file: { readonly isFreed: boolean }) => void;
};

/** A file above this size needs the turn; every thread may have a smaller file in memory at the same time. */
export const BIG_FILE_BYTES: number = 16 * 1024 * 1024;

/**
 * A program needs the turn only if more than this number of its bytes are kept in memory, because most layers with
 * programs have a program of more than {@link BIG_FILE_BYTES}, and threads that wait for the turn are idle.
 */
export const BIG_PROGRAM_BYTES: number = 32 * 1024 * 1024;

export type ReadingTurn = {
  /** Blocks the thread until the turn is free. */
  readonly take: () => void;
  /**
   * Releases the turn, and collects garbage first unless `isFreed`; does nothing if the thread does not have the turn.
   */
  readonly give: (file: { readonly isFreed: boolean }) => void;
};

/**
 * Takes the turn for big files, with a time limit so that a slow source does not block other threads for long. A turn
 * ends once the file's memory is freed, so that the memory of several big files does not accumulate.
 */
export function watchOver(
  turn: ReadingTurn | undefined,
  { maxBigFileMilliseconds }: LayerLimits,
  where: string,
  fail: (error: ClairError) => void,
): BigFileWatch & { readonly end: () => Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let release: NodeJS.Immediate | undefined;
  let isTaken = false;
  /** Whether the memory of all files since the start of the turn is freed. */
  let areFreed = true;
  const give = (): void => {
    isTaken = false;
    turn?.give({ isFreed: areFreed });
    areFreed = true;
  };
  const take = (path: string): void => {
    if (turn === undefined) return;
    clearTimeout(timer);
    clearImmediate(release);
    turn.take();
    isTaken = true;
    const what = `was not read within ${maxBigFileMilliseconds / 1000} seconds`;
    const error = new ClairError('bytes/limit-exceeded', `${where}: member ${shownName(path)} ${what}`);
    timer = setTimeout(() => fail(error), maxBigFileMilliseconds);
  };
  return {
    takeForFile(path, bytes) {
      if (bytes > BIG_FILE_BYTES) take(path);
    },
    takeForProgram(path, bytes) {
      if (bytes > BIG_PROGRAM_BYTES) take(path);
    },
    give({ isFreed }) {
      clearTimeout(timer);
      areFreed &&= isFreed || !isTaken;
      // Release the turn later, because the caller still references the file.
      if (isTaken) release = setImmediate(give);
    },
    async end() {
      clearTimeout(timer);
      clearImmediate(release);
      if (!isTaken) return;
      // The last file may be incomplete.
      areFreed = false;
      await nextTurn();
      give();
    },
  };
}
