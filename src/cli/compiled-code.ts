import { existsSync, mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';
import { geteuid } from 'node:process';

/**
 * Makes Node keep compiled code in a folder for the next start, where Node can do so (22.1 and later). This saves a
 * quarter of the start of a scan. If the folder cannot be created, or if another user could write in it, Node compiles
 * the code at each start.
 *
 * @param node `node:module`; the types of the oldest supported Node lack `enableCompileCache`
 */
export function keepCompiledCode(folder: string, node: object = module): void {
  const keep: unknown = 'enableCompileCache' in node ? node.enableCompileCache : undefined;
  if (typeof keep === 'function' && isMade(folder) && isPrivate(folder)) keep(folder);
}

/**
 * Creates a folder step by step, because Node 20 to 24 never end a recursive `mkdir` below `/proc`. Creates nothing in a
 * folder of another user, such as the home directory that `sudo` keeps, because that user could not write in it.
 */
function isMade(folder: string): boolean {
  if (existsSync(folder)) return true;
  const parent = dirname(folder);
  if (parent === folder || !isMade(parent) || statSync(parent).uid !== geteuid?.()) return false;
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch {
    return existsSync(folder);
  }
}

/** Reports whether only this user can write in a folder: Node runs the code in it. */
function isPrivate(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  return uid === geteuid?.() && (mode & OTHERS_CAN_WRITE) === 0;
}

const OTHERS_CAN_WRITE = 0o022;
