import { parentOf } from './patterns/pattern-index.ts';

export type Whiteout =
  | { readonly kind: 'path'; readonly path: string }
  /** The content of a directory; the empty path is the root. */
  | { readonly kind: 'opaque'; readonly directory: string }
  /** AUFS metadata, and markers for `.` and `..`, which containerd refuses too. */
  | { readonly kind: 'ignored' };

const PREFIX = '.wh.';
const METADATA_PREFIX = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';

/** Parses a member's path as a whiteout; returns null for an ordinary member, such as a file named just `.wh.`. */
export function whiteoutOfPath(path: string): Whiteout | null {
  const baseAt = path.lastIndexOf('/') + 1;
  if (!path.startsWith(PREFIX, baseAt) || path.length === baseAt + PREFIX.length) return null;
  const base = path.slice(baseAt);
  if (base === OPAQUE) return { kind: 'opaque', directory: parentOf(path) };
  const hidden = base.slice(PREFIX.length);
  if (base.startsWith(METADATA_PREFIX) || hidden === '.' || hidden === '..') return { kind: 'ignored' };
  return { kind: 'path', path: path.slice(0, baseAt) + hidden };
}
