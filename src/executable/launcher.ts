/**
 * What the one executable of `npm run package` runs: puts the program beside it on the disk, and starts it. All else of
 * Clair does not know whether it runs from here, from dist/ or from its sources (ADR 8).
 */
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitWarning, env, getuid, stderr } from 'node:process';
import { getAsset } from 'node:sea';
import { failureStatus } from '../cli/exit-status.ts';
import { failureText } from '../cli/failure-text.ts';
import { programFolders } from './program-folders.ts';
import { type ProgramFile, unpackProgram } from './unpacked-program.ts';

const DAY_MILLISECONDS = 86_400_000;

try {
  const start = join(unpacked(), 'start.cjs');
  // Threads load their code when work comes: a server that runs for weeks must still find it.
  setInterval(keepUnpacked, DAY_MILLISECONDS).unref();
  // An executable loads no files by itself; what is loaded by this does, as any other program.
  createRequire(start)(start);
} catch (error) {
  stderr.write(failureText(error));
  process.exitCode = failureStatus(error);
}

function unpacked(): string {
  const user = getuid?.() ?? 0;
  const files: readonly ProgramFile[] = JSON.parse(getAsset('program.json', 'utf8'));
  const folders = programFolders(env, homeOf(), tmpdir(), user);
  return unpackProgram({ files, content: assetOf }, { folders, user, now: Date.now() });
}

function assetOf(path: string): Uint8Array {
  return new Uint8Array(getAsset(path));
}

function keepUnpacked(): void {
  try {
    unpacked();
  } catch (error) {
    emitWarning(error instanceof Error ? error : String(error));
  }
}

/** A user that no list of users names has none. */
function homeOf(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
