import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Lists the files below a folder that are neither used nor excluded, so that no new file is overlooked.
 *
 * @param used paths below the folder
 * @param leftOut paths below the folder; a path that ends in `/` is a folder with its contents
 */
export function unlistedFiles(
  folder: string,
  used: ReadonlySet<string>,
  leftOut: readonly string[],
): readonly string[] {
  return filesBelow(folder).filter(
    (path) => !used.has(path) && !leftOut.some((each) => (each.endsWith('/') ? path.startsWith(each) : path === each)),
  );
}

function filesBelow(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });
}
