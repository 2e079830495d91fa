import { expect, it } from 'vitest';
import type { ClairError } from '../../errors.ts';
import type { TarEntry } from './entry.ts';
import { TYPE } from './header.ts';
import { tarHeaderOf, type WrittenMember } from './header-writer.ts';
import { walkTar } from './walk.ts';

async function walked(
  member: WrittenMember,
): Promise<{ readonly entries: readonly TarEntry[]; readonly failure: unknown }> {
  const entries: TarEntry[] = [];
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield tarHeaderOf(member);
    yield Buffer.alloc(1024);
  }
  const entry = (found: TarEntry): boolean => {
    entries.push(found);
    return false;
  };
  const walk = walkTar(stream(), { entry, content: () => undefined }, { where: 'written' });
  const failure: unknown = await walk.then(
    () => undefined,
    (error: ClairError) => error.code,
  );
  return { entries, failure };
}

const LONG = 'd/'.repeat(300);

it.each<[string, Partial<WrittenMember>, TarEntry]>([
  ['a file', { size: 3000 }, { kind: 'file', path: 'a', size: 3000 }],
  ['a file of the largest size in octal digits', { size: 8 ** 11 - 1 }, { kind: 'file', path: 'a', size: 8 ** 11 - 1 }],
  ['a larger file', { size: 2 ** 50 }, { kind: 'file', path: 'a', size: 2 ** 50 }],
  ['a name of 100 bytes', { name: 'ü'.repeat(50) }, { kind: 'file', path: 'ü'.repeat(50), size: 0 }],
  ['a name of 101 bytes', { name: `${'ü'.repeat(50)}x` }, { kind: 'file', path: `${'ü'.repeat(50)}x`, size: 0 }],
  ['a long name with a line feed', { name: `${LONG}\n=x` }, { kind: 'file', path: `${LONG}\n=x`, size: 0 }],
  ['no name', { name: '', type: TYPE.directory }, { kind: 'directory', path: '', size: 0 }],
  [
    'a symbolic link',
    { type: TYPE.symbolicLink, link: '../b' },
    { kind: 'symlink', path: 'a', size: 0, target: '../b' },
  ],
  [
    'a symbolic link with a long target',
    { type: TYPE.symbolicLink, link: `/${LONG}` },
    { kind: 'symlink', path: 'a', size: 0, target: `/${LONG}` },
  ],
  [
    'a hard link with a long name and target',
    { type: TYPE.hardLink, name: `${LONG}a`, link: `${LONG}b` },
    { kind: 'hardlink', path: `${LONG}a`, size: 0, target: `${LONG}b` },
  ],
  ['a pipe', { type: TYPE.fifo }, { kind: 'other', path: 'a', size: 0 }],
])('writes headers from which a walk reads %s', async (_, member, entry) => {
  // The content of files is missing.
  const failure = entry.size > 0 ? 'bytes/truncated' : undefined;
  expect(await walked({ type: TYPE.file, name: 'a', link: '', size: 0, ...member })).toEqual({
    entries: [entry],
    failure,
  });
});
