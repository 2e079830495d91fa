import { existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';

/**
 * Makes Node keep compiled code in a folder for the next start, where Node can do so (22.1 and later). This saves a
 * quarter of the start of a scan. If the folder cannot be created, Node compiles the code at each start.
 *
 * @param folder a folder of the user, because Node runs the code in it
 * @param node Node's `node:module`; the types are those of the oldest supported Node, which has no such function
 */
export function keepCompiledCode(folder: string, node: object = module): void {
  const keep: unknown = 'enableCompileCache' in node ? node.enableCompileCache : undefined;
  if (typeof keep === 'function' && isMade(folder)) keep(folder);
}

/** Creates a folder step by step, because Node 20 to 24 never end a recursive `mkdir` below `/proc`. */
function isMade(folder: string): boolean {
  if (existsSync(folder)) return true;
  const parent = dirname(folder);
  if (parent === folder || !isMade(parent)) return false;
  try {
    mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch {
    return existsSync(folder);
  }
}
