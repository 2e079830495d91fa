/** Tests packages that a package manager installs as hard links to its store, which comes first in the archive. */
import { describe, expect, it } from 'vitest';
import {
  describeLinkedPackages,
  file,
  hard,
  link,
  manifest,
  storedAt,
  useLibraryReader,
} from './testing/linked-packages.ts';

// Test a few packages; `rereading/linked-packages.long.test.ts` tests as many packages as a large project has.
describeLinkedPackages(30);

const { libraries } = useLibraryReader();

describe('packages that are hard links to a store', () => {
  it('do not exist because of the store alone', async () => {
    expect(await libraries([file(storedAt(1), manifest('a')), file('cache/a/package.json', manifest('b'))])).toEqual(
      [],
    );
  });
});

describe('a hard link', () => {
  const at = storedAt(1);
  const installed = 'srv/node_modules/a/package.json';

  it('has the content that its target has at this point of the archive', async () => {
    const members = [file(at, manifest('a')), hard(installed, at), file(at, manifest('b'))];
    expect(await libraries(members)).toEqual([`a 1.0.0 at ${installed}`]);
    const replaced = [file(at, manifest('a')), file(at, manifest('b')), hard(installed, at)];
    expect(await libraries(replaced)).toEqual([`b 1.0.0 at ${installed}`]);
  });

  it('leads to nothing after a link replaced the directory of its target', async () => {
    const members = [file(at, manifest('a')), link('pnpm/store', '/tmp'), hard(installed, at)];
    expect(await libraries(members)).toEqual([]);
  });

  it('is removed like a file', async () => {
    const removed = file('srv/node_modules/.wh.a', '');
    expect(await libraries([file(at, manifest('a')), hard(installed, at)], [removed])).toEqual([]);
  });
});
