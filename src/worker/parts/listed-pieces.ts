import { setImmediate } from 'node:timers/promises';
import type { TarEntry } from '../../bytes/tar/entry.ts';
import { TYPE } from '../../bytes/tar/header.ts';
import { tarHeaderOf } from '../../bytes/tar/header-writer.ts';
import type { TarLimits } from '../../bytes/tar/limits.ts';
import { paddingOf } from '../../bytes/tar/member-kind.ts';
import { pathOfName, shownName } from '../../bytes/tar/name.ts';
import { ClairError } from '../../errors.ts';
import type { TableOfContents } from './table-of-contents.ts';
import type { SplitPiece } from './tar-split.ts';

export type ListedOptions = {
  readonly where: string;
  readonly limits: Pick<TarLimits, 'maxNameBytes'>;
  readonly signal: AbortSignal;
};

/**
 * Returns the pieces of a tar with the members of a table of contents, for a layer without a tar-split. A runtime that
 * uses only the table sees the same members. Rejects tables that such a runtime and a reader of a tar could interpret
 * differently: two members with the same path, members outside the root, and members below anything but a directory.
 *
 * @throws ClairError `bytes/corrupt`, `bytes/limit-exceeded`; the abort reason of the signal
 */
export async function listedPieces(
  toc: TableOfContents,
  options: ListedOptions,
): Promise<() => AsyncGenerator<SplitPiece>> {
  await checkMembers(toc, options);
  return async function* () {
    let padding = Buffer.alloc(0);
    for (const { kind, name, link, size } of toc.members.values()) {
      const header = tarHeaderOf({ type: TYPES[kind], name, link, size });
      yield { kind: 'bytes', bytes: Buffer.concat([padding, header]) };
      yield { kind: 'content', name, size };
      padding = Buffer.alloc(paddingOf(size));
    }
    yield { kind: 'bytes', bytes: Buffer.concat([padding, END]) };
  };
}

/** The type flags; the type of a device makes no difference. */
const TYPES: Readonly<Record<TarEntry['kind'], number>> = {
  file: TYPE.file,
  directory: TYPE.directory,
  symlink: TYPE.symbolicLink,
  hardlink: TYPE.hardLink,
  other: TYPE.fifo,
};

/** The two blocks of zeros that end an archive. */
const END: Buffer = Buffer.alloc(1024);

/** The number of members between two turns of the event loop. */
const MEMBERS_AT_ONCE = 1000;

/** Bounds the time for tables with very deep paths; a layer with 400,000 files needs about 10 million characters. */
const MAX_PARENT_CHARACTERS = 64 * 1024 * 1024;

async function checkMembers({ members }: TableOfContents, options: ListedOptions): Promise<void> {
  const { where, limits, signal } = options;
  const refused = (name: string, what: string): ClairError =>
    new ClairError('bytes/corrupt', `${where}: the table of contents lists ${shownName(name)} ${what}`);
  const kinds = new Map<string, TarEntry['kind']>();
  let checked = 0;
  const turn = async (): Promise<void> => {
    checked += 1;
    if (checked % MEMBERS_AT_ONCE === 0) await setImmediate();
    signal.throwIfAborted();
  };
  for (const { name, kind, link } of members.values()) {
    await turn();
    if (Buffer.byteLength(name) > limits.maxNameBytes || name.includes('\0')) throw refused(name, 'as an invalid name');
    if (link.includes('\0')) throw refused(name, 'with an invalid target');
    const path = pathOfName(name);
    if (path === null) throw refused(name, 'outside the root');
    if (kind === 'hardlink' && pathOfName(link) === null) throw refused(name, 'with a target outside the root');
    if (kinds.has(path)) throw refused(name, 'twice');
    if (path === '' && kind !== 'directory') throw refused(name, 'as the root, which is not a directory');
    kinds.set(path, kind);
  }
  const known = new Set<string>(['']);
  let characters = 0;
  for (const path of kinds.keys()) {
    await turn();
    for (let parent = parentOf(path); !known.has(parent); parent = parentOf(parent)) {
      characters += parent.length;
      if (characters > MAX_PARENT_CHARACTERS) {
        throw new ClairError('bytes/limit-exceeded', `${where}: the table of contents has too many deep directories`);
      }
      // Parents need not be listed.
      if ((kinds.get(parent) ?? 'directory') !== 'directory')
        throw refused(path, 'below a path that is not a directory');
      known.add(parent);
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
