import { isAbsolute, join } from 'node:path';

/**
 * Returns the candidate folders for the files of the program, best first. The first candidate is the user's cache
 * folder (XDG Base Directory Specification); the second candidate is in the folder for temporary files, which a cleanup
 * program can empty.
 *
 * @param home the home directory of the user, if any
 * @param temporary the folder for temporary files, possibly shared by all users
 * @param user the user ID
 */
export function programFolders(
  variables: Readonly<Record<string, string | undefined>>,
  home: string | undefined,
  temporary: string,
  user: number,
): readonly string[] {
  const named = variables['XDG_CACHE_HOME'];
  // The XDG Base Directory Specification requires that programs ignore relative paths.
  const cache = named !== undefined && isAbsolute(named) ? named : home && join(home, '.cache');
  return [...(cache ? [join(cache, 'clair')] : []), join(temporary, `clair-${user}`)];
}
