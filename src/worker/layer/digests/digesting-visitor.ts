import type { TarVisitor } from '../../../bytes/tar/entry.ts';
import type { LayerCollector } from '../layer-collector.ts';
import type { LayerContents } from '../layer-contents.ts';
import { type LayerLayout, memberInImage } from '../layer-layout.ts';
import { DIGEST_BYTES, digestText, NO_FILE, NOT_HASHED } from './file-digests.ts';
import { pathsOf } from '../tree/path-list.ts';

/** A visitor that passes members on to a collector, and adds digests to the contents that the collector returns. */
export type DigestingVisitor = TarVisitor & Pick<LayerCollector, 'contents'>;

/** Creates the visitor of an archive whose members go to `collector`. */
export function digestingVisitor(collector: LayerCollector, layout: LayerLayout): DigestingVisitor {
  const listed = new DigestList();
  const kept = new Map<string, string | HardLink>();
  const replaced = new Set<string>();
  const links: ListedLink[] = [];
  /** The length of the list of members before the current member, and the current file until its digest is known. */
  let before = 0;
  let pending: string | undefined;

  const note = (path: string, found: string | HardLink): void => {
    if (collector.listed > before) {
      const index = collector.listed - 1;
      listed.set(index, typeof found === 'string' ? found : NOT_HASHED);
      if (typeof found !== 'string') links.push({ ...found, path, index });
    } else if (collector.isKept(path)) kept.set(path, found);
  };
  const notePending = (): void => {
    if (pending !== undefined) note(pending, NOT_HASHED);
    pending = undefined;
  };

  return {
    entry(member, _offset) {
      notePending();
      before = collector.listed;
      const wish = collector.entry(member);
      const entry = memberInImage(member, layout);
      if (entry === null) return wish;
      if (kept.delete(entry.path)) replaced.add(entry.path);
      if (entry.kind === 'hardlink') note(entry.path, { target: entry.target });
      else if (entry.kind === 'file') pending = entry.path;
      return wish;
    },
    start: collector.start,
    unneeded: collector.unneeded,
    content: collector.content,
    chunks: collector.chunks,
    hashed(_member, sha256) {
      if (pending !== undefined) note(pending, digestText(sha256));
      pending = undefined;
    },
    contents(outside) {
      notePending();
      const contents = collector.contents(outside);
      const hasLinks = links.length > 0 || [...kept.values()].some((each) => typeof each === 'object');
      const known = hasLinks ? knownFiles(contents, listed, kept, replaced) : new Map<string, string>();
      for (const [path, found] of kept) {
        if (typeof found === 'object') known.set(path, known.get(found.target) ?? NOT_HASHED);
        else if (hasLinks) known.set(path, replaced.has(path) ? NOT_HASHED : found);
      }
      for (const { index, path, target } of links) {
        const digest = known.get(target) ?? NOT_HASHED;
        listed.set(index, digest);
        if (!replaced.has(path)) known.set(path, digest);
      }
      const entries = contents.entries.map((entry) => {
        const found = entry.kind === 'directory' || entry.kind === 'symlink' ? undefined : kept.get(entry.path);
        return typeof found === 'object' ? (known.get(entry.path) ?? NOT_HASHED) : (found ?? NO_FILE);
      });
      return { ...contents, fileDigests: { entries: entries.join(''), others: listed.text(collector.listed) } };
    },
  };
}

type HardLink = { readonly target: string };

type ListedLink = HardLink & { readonly path: string; readonly index: number };

/**
 * Maps the listed files of a layer to their digests. Paths with several members map to {@link NOT_HASHED}, and so do
 * links to these paths.
 */
function knownFiles(
  { others }: LayerContents,
  listed: DigestList,
  kept: ReadonlyMap<string, unknown>,
  replaced: Set<string>,
): Map<string, string> {
  const known = new Map<string, string>();
  let index = 0;
  for (const path of others === undefined ? [] : pathsOf(others)) {
    if (known.has(path) || kept.has(path)) replaced.add(path);
    known.set(path, replaced.has(path) ? NOT_HASHED : listed.at(index));
    index += 1;
  }
  return known;
}

/** The digests of listed members by their index in the list. */
class DigestList {
  #bytes = Buffer.alloc(1024 * DIGEST_BYTES);

  set(index: number, text: string): void {
    const start = index * DIGEST_BYTES;
    if (start + DIGEST_BYTES > this.#bytes.length) {
      const more = Buffer.alloc(2 * Math.max(this.#bytes.length, start));
      this.#bytes.copy(more);
      this.#bytes = more;
    }
    this.#bytes.write(text, start, DIGEST_BYTES, 'base64');
  }

  at(index: number): string {
    const start = index * DIGEST_BYTES;
    return start < this.#bytes.length ? digestText(this.#bytes.subarray(start)) : NO_FILE;
  }

  /** Returns the digests of the first `count` members. */
  text(count: number): string {
    const length = count * DIGEST_BYTES;
    if (length <= this.#bytes.length) return this.#bytes.toString('base64', 0, length);
    return Buffer.concat([this.#bytes], length).toString('base64');
  }
}
