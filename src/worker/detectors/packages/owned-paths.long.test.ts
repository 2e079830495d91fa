import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createOwnedPaths } from './owned-paths.ts';

const MEBIBYTE = 1024 ** 2;

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

/** Node exposes its garbage collector only with a flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
