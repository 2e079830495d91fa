import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import {
  createOwnedPaths,
  type FileOwner,
  MAX_OWNED_CHARACTERS,
  MAX_OWNED_PATHS,
  MAX_PATH_LENGTH,
} from './owned-paths.ts';

const MEBIBYTE = 1024 ** 2;
const LIST = 'var/lib/list';
const OWNER: FileOwner = { type: 'deb', name: 'a', arch: 'amd64' };

it('a collection of paths does not retain the texts from which paths were cut', () => {
  const gc = collector();
  gc();
  const before = memoryUsage().heapUsed;
  const kept = Array.from({ length: 16 }, (_, index) => {
    const text = Buffer.alloc(4 * MEBIBYTE, `a directory with a name/a file with a name ${index}\n`).toString();
    const files = createOwnedPaths('var/lib/list', () => true);
    files.add(text.slice(0, 23), text.slice(24, 44), 1);
    files.endPackage({ type: 'deb', name: text.slice(0, 21) });
    return files.collected();
  });
  gc();
  expect(memoryUsage().heapUsed - before).toBeLessThan(8 * MEBIBYTE);
  expect(kept[15]?.owned).toEqual([
    {
      owner: { type: 'deb', name: 'a directory with a na' },
      paths: ['a directory with a name/a file with a name 1'],
    },
  ]);
});

const long = `d/${'x'.repeat(MAX_PATH_LENGTH - 4)}`;

it.each([
  [`${LIST} lists more than 100000 files that Clair reads`, 'd/x', MAX_OWNED_PATHS],
  [
    `the paths of the files in ${LIST} that Clair reads exceed 8388608 characters`,
    long,
    Math.floor(MAX_OWNED_CHARACTERS / long.length),
  ],
])('limits have a limit: %s', (limit, path, kept) => {
  const files = createOwnedPaths(LIST, () => true);
  const basename = path.slice(2);
  const added = Array.from({ length: kept }, (_, index) => files.add('d', basename, index + 1));
  expect(added.every((isGoingOn) => isGoingOn)).toBe(true);
  expect(files.add('d', basename, kept + 1)).toBe(false);
  expect(files.add('d', 'y', kept + 2)).toBe(false);
  files.endPackage(OWNER);
  const { owned, diagnostics } = files.collected();
  expect(owned.map(({ paths }) => paths.length)).toEqual([kept]);
  const message = `${limit}; the owners of the other files are unknown`;
  expect(diagnostics).toEqual([{ code: 'file-list-limit-reached', message, where: LIST }]);
});

/** Node exposes its garbage collector only with a flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
