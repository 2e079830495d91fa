import type { TarEntry } from './entry.ts';
import { BLOCK_BYTES, endsInSlash, TYPE } from './header.ts';

/** Returns the kind of a member, according to its name and the type in its header. */
export function kindOf(type: number, name: string): TarEntry['kind'] {
  switch (type) {
    case TYPE.oldFile:
      // Only pre-POSIX archives mark directories by a final slash (Go's archive/tar, reader.go, TypeRegA). GNU tar 1.35
      // also applies the rule to later types, and then reads the body as a header.
      return endsInSlash(name) ? 'directory' : 'file';
    case TYPE.file:
    case TYPE.contiguousFile:
    case TYPE.gnuSparse:
      return 'file';
    case TYPE.directory:
      return 'directory';
    case TYPE.symbolicLink:
      return 'symlink';
    case TYPE.hardLink:
      return 'hardlink';
    default:
      return 'other';
  }
}

/**
 * Returns whether a member has a body of the stated size. Files and members of unknown types have a body; directories,
 * links, devices and pipes have none.
 */
export function hasBody(kind: TarEntry['kind'], type: number): boolean {
  if (kind === 'file') return true;
  const isDevice = type === TYPE.characterDevice || type === TYPE.blockDevice || type === TYPE.fifo;
  return kind === 'other' && !isDevice;
}

/** Returns the number of bytes between a body of `size` bytes and the next block. */
export function paddingOf(size: number): number {
  return (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
}
