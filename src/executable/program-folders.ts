import { isAbsolute, join } from 'node:path';

/**
 * Where the files of the program may lie, the best place first: the user's folder for caches, by the XDG Base Directory
 * Specification, and behind it the folder for temporary files, which a cleaner may empty.
 *
 * @param home the home directory of the user, if there is one
 * @param temporary the folder for temporary files, which all users may share
 * @param user the number of the user
 */
export function programFolders(
  variables: Readonly<Record<string, string | undefined>>,
  home: string | undefined,
  temporary: string,
  user: number,
): readonly string[] {
  const named = variables['XDG_CACHE_HOME'];
  // The specification: a path that is not absolute is to be ignored.
  const cache = named !== undefined && isAbsolute(named) ? named : home && join(home, '.cache');
  return [...(cache ? [join(cache, 'clair')] : []), join(temporary, `clair-${user}`)];
}
