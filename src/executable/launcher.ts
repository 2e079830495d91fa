/**
 * The entry point of the executable of `npm run package`. It unpacks the program to disk and starts the program. The
 * rest of Clair does not depend on how the program was started (ADR 8).
 */
import { readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitWarning, env, getuid, stderr } from 'node:process';
import { getAsset } from 'node:sea';
import { debuglog } from 'node:util';
import { failureStatus } from '../cli/exit-status.ts';
import { failureText } from '../cli/failure-text.ts';
import { loadScript } from './cached-script.ts';
import { programFolders } from './program-folders.ts';
import { DAY_MILLISECONDS, type ProgramFile, unpackProgram } from './unpacked-program.ts';

try {
  const folder = join(unpacked(), 'app');
  // Threads load their code on demand, so the files must remain on disk while the server runs.
  setInterval(keepUnpacked, DAY_MILLISECONDS).unref();
  const script = loadScript(join(folder, 'clair.cjs'), readFileSync(join(folder, 'clair.cache')));
  debuglog('clair')(script.usesCache ? 'uses the code cache' : 'compiles the program');
  script.run();
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

/** Returns the home directory, or undefined for a user without an entry in the user database. */
function homeOf(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
