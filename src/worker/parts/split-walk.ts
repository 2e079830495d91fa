import { setImmediate } from 'node:timers/promises';
import { FileContent } from '../../bytes/tar/file-content.ts';
import type { TarEntry, TarVisitor, TarWish } from '../../bytes/tar/entry.ts';
import type { TarLimits } from '../../bytes/tar/limits.ts';
import { pathOfName, shownName } from '../../bytes/tar/name.ts';
import { paddingOf } from '../../bytes/tar/member-kind.ts';
import { TarWalk } from '../../bytes/tar/walker.ts';
import { ClairError } from '../../errors.ts';
import type { SplitPiece } from './tar-split.ts';
import type { TableOfContents, TocMember } from './table-of-contents.ts';

/** A file whose content is next in the tar. */
export type SplitFile = {
  readonly member: TocMember;
  /** What the visitor requested. */
  readonly wish: TarWish;
  /** The walk that receives the content: each byte is either written or, if `unwanted` allows, skipped with `leap`. */
  readonly walk: Pick<TarWalk, 'write' | 'leap' | 'unwanted'>;
};

export type SplitWalkOptions = {
  readonly where: string;
  readonly limits: TarLimits;
  readonly signal: AbortSignal;
  readonly toc: TableOfContents;
  /** Skips all content, whatever the visitor requests. */
  readonly isDry?: boolean;
};

/**
 * Walks the tar that a tar-split describes, so that headers, names and links are read exactly as in the whole tar.
 * Compares each member with the table of contents, which must list the members in the same order.
 *
 * @param content passes the content of a file to the walk
 * @returns the number of members outside the root
 * @throws ClairError `bytes/corrupt` when the tar-split and the table of contents differ; otherwise as `walkTar()`
 */
export async function walkSplit(
  pieces: AsyncIterable<SplitPiece>,
  visitor: TarVisitor,
  { where, limits, signal, toc, isDry = false }: SplitWalkOptions,
  content: (file: SplitFile) => Promise<void>,
): Promise<{ readonly outside: number }> {
  let shown: Shown[] = [];
  const watching: TarVisitor = {
    ...visitor,
    entry(entry, offset) {
      const wish = visitor.entry(entry, offset);
      shown.push({ entry, wish });
      return isDry ? false : wish;
    },
  };
  const collected = new FileContent(undefined);
  const walk = new TarWalk(watching, where, limits, collected);
  try {
    const members = toc.members.values();
    let walked = 0;
    for await (const piece of pieces) {
      walked += 1;
      if (walked % PIECES_AT_ONCE === 0) await setImmediate();
      signal.throwIfAborted();
      if (piece.kind === 'bytes') {
        walk.write(piece.bytes);
        // A tar-split describes each member before the next header, so at most one member waits for its description.
        const [, another] = shown;
        if (another !== undefined) throw different(where, another.entry.path);
        continue;
      }
      const member = members.next().value;
      const isSame = member?.name === piece.name && member.size === piece.size;
      if (member === undefined || !isSame || !describes(member, shown)) throw different(where, piece.name);
      const [{ wish } = { wish: false }] = shown;
      shown = [];
      if (member.size === 0) continue;
      // A sparse file has another size in the tar than in the table, and its bytes in the tar are unknown.
      if (isDry && walk.unwanted !== member.size + paddingOf(member.size)) throw different(where, piece.name);
      await content({ member, wish, walk });
    }
    const [unlisted] = shown;
    if (unlisted !== undefined) throw different(where, unlisted.entry.path);
    for (const { name } of members) throw different(where, name);
    return walk.end();
  } finally {
    collected.free();
  }
}

/** The number of pieces between two turns of the event loop. */
const PIECES_AT_ONCE = 1000;

type Shown = { readonly entry: TarEntry; readonly wish: TarWish };

/** Returns whether a member of the table equals the member that the walk has found since the previous comparison. */
function describes({ name, kind, size, link }: TocMember, shown: readonly Shown[]): boolean {
  const path = pathOfName(name);
  const target = kind === 'hardlink' ? pathOfName(link) : link;
  const [one, another] = shown;
  if (another !== undefined) return false;
  // The walk does not pass on members with a path or target outside the root.
  if (one === undefined) return path === null || target === null;
  const { entry } = one;
  if (entry.path !== path || entry.kind !== kind) return false;
  return 'target' in entry ? entry.target === target : entry.size === size;
}

function different(where: string, name: string): ClairError {
  return new ClairError(
    'bytes/corrupt',
    `${where}: the table of contents and the tar-split differ in ${shownName(name)}`,
  );
}
