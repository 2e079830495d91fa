import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../config/environment.ts';

/** Returns the folder for cached files, which Clair can recreate. */
export function cacheFolder(environment: Environment): string {
  return join(environment['XDG_CACHE_HOME'] || join(home(), '.cache'), 'clair');
}

/**
 * Returns the home directory. As in Docker, returns `/` for a user who has neither `HOME` nor an entry in the user
 * database.
 */
function home(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}
