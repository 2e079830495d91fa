import type { Diagnostic } from '../../../../model/report/diagnostic.ts';
import { detached, type Diversion, type FileFilter, pathRefusal, plainPath } from '../owned-paths.ts';
import { createSkippedEntries } from '../skipped-entries.ts';
import { textPieces } from '../text-pieces.ts';
import { isPackageName } from './package-name.ts';

export type Diversions = {
  readonly diversions: readonly Diversion[];
  readonly diagnostics: readonly Diagnostic[];
};

/** The maximum number of diversions in one file, wanted or not; Debian systems have dozens. */
export const MAX_DIVERSIONS = 10_000;

/**
 * Reads dpkg's diversions, `var/lib/dpkg/diversions`. A diversion has three lines: the original path, the diverted
 * path, and the name of the package, or `:` for the administrator (dpkg, lib/dpkg/db-fsys-divert.c, ensure_diversions).
 * Keeps diversions with a wanted path.
 *
 * Skips a broken diversion with a diagnostic, and a second diversion of the same path, which dpkg refuses.
 */
export function parseDiversions(path: string, bytes: Uint8Array, wants: FileFilter): Diversions {
  const diversions: Diversion[] = [];
  const used = new Set<string>();
  const skipped = createSkippedEntries(path, 'file-list-unreadable');
  let count = 0;
  for (const { line, texts } of entries(bytes)) {
    count += 1;
    if (count > MAX_DIVERSIONS) {
      const message = `${path} has more than ${MAX_DIVERSIONS} diversions; the rest were not read`;
      const limit: Diagnostic = { code: 'file-list-limit-reached', message, where: path };
      return { diversions, diagnostics: [...skipped.diagnostics(), limit] };
    }
    const diversion = diversionOf(texts);
    if (typeof diversion === 'string') {
      skipped.add(diversion, line);
    } else if (wantsPath(diversion.from, wants) || wantsPath(diversion.to, wants)) {
      if (used.has(diversion.from) || used.has(diversion.to)) skipped.add('a path is in two diversions', line);
      else diversions.push(diversion);
      used.add(diversion.from).add(diversion.to);
    }
  }
  return { diversions, diagnostics: skipped.diagnostics() };
}

/**
 * Returns the real path of a file that a package lists at `path`. `diversions` are indexed by `from`; `owner` is the
 * package name without an architecture (dpkg, src/main/help.c, namenodetouse).
 */
export function divertedPath(path: string, owner: string, diversions: ReadonlyMap<string, Diversion>): string {
  const diversion = diversions.get(path);
  return diversion === undefined || diversion.by === owner ? path : diversion.to;
}

type Entry = { readonly line: number; readonly texts: readonly string[] };

function* entries(bytes: Uint8Array): Generator<Entry> {
  let line = 0;
  let texts: string[] = [];
  for (const piece of textPieces(bytes)) {
    for (let at = 0; at < piece.length; ) {
      const lineFeed = piece.indexOf('\n', at);
      const end = lineFeed === -1 ? piece.length : lineFeed;
      line += 1;
      texts.push(piece.slice(at, end));
      if (texts.length === LINES) {
        yield { line: line - LINES + 1, texts };
        texts = [];
      }
      at = end + 1;
    }
  }
  if (texts.length > 0) yield { line: line - texts.length + 1, texts };
}

const LINES = 3;

function diversionOf(texts: readonly string[]): Diversion | string {
  const [from, to, by] = texts.map((text, index) => (index < LINES - 1 ? plainPath(text) : text));
  if (from === undefined || to === undefined || by === undefined)
    return 'the last diversion has fewer than three lines';
  if (by !== ':' && !isPackageName(by)) return 'a diversion has no valid package name';
  const refusal = pathRefusal(from) ?? pathRefusal(to);
  if (refusal !== undefined) return refusal;
  const [ownFrom = '', ownTo = '', ownBy = ''] = detached([from, to, by]);
  return { from: ownFrom, to: ownTo, by: ownBy === ':' ? null : ownBy };
}

function wantsPath(path: string, wants: FileFilter): boolean {
  const slash = path.lastIndexOf('/');
  return wants(path.slice(0, Math.max(slash, 0)), path.slice(slash + 1));
}
