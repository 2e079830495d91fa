import { createHash } from 'node:crypto';
import { type Digest, digestOfHex } from '../../../model/digest.ts';
import { NO_FILE, shortDigest } from '../../layer/digests/file-digests.ts';
import type { LayerContents } from '../../layer/layer-contents.ts';
import { createPathList } from '../../layer/tree/path-list.ts';

/** A layer, described by its members. */
export type MadeUpLayer = {
  /** Members that detectors do not read; directories with a trailing slash. */
  readonly members?: readonly string[];
  /** Files that detectors read. */
  readonly files?: readonly string[];
  /** Targets of symbolic links, by path. */
  readonly links?: Readonly<Record<string, string>>;
  readonly whiteouts?: readonly string[];
  readonly opaque?: readonly string[];
  readonly absent?: string;
  readonly isPartial?: true;
  /**
   * The contents of files by path; if present, the layer was indexed with digests. A member without content contains
   * its own path as text.
   */
  readonly contents?: Readonly<Record<string, string>>;
};

export function digestOfContent(content: string): Digest {
  return digestOfHex(createHash('sha256').update(content).digest('hex'));
}

/** Returns the contents of a layer, as analysis stores them. */
export function layerOf(made: MadeUpLayer): LayerContents {
  const { members = [], files = [], links = {}, whiteouts = [], opaque = [], absent, isPartial, contents } = made;
  const list = createPathList(1_000_000);
  const listed = [...members, ...Object.keys(contents ?? {})];
  for (const member of listed) list.add(member);
  const others = list.list();
  const textOf = (path: string): string =>
    path.endsWith('/') ? NO_FILE : shortDigest(digestOfContent(contents?.[path] ?? path));
  const fileDigests = {
    entries: [...Object.keys(links).map(() => NO_FILE), ...files.map(textOf)].join(''),
    others: listed.map(textOf).join(''),
  };
  return {
    whiteouts,
    opaque,
    entries: [
      ...Object.entries(links).map(([path, target]) => ({ kind: 'symlink' as const, path, target })),
      ...files.map((path) => ({ kind: 'file' as const, path })),
    ],
    ...(others && { others }),
    ...(contents && { fileDigests }),
    outside: 0,
    ...(absent !== undefined && { absent }),
    ...(isPartial && { isPartial }),
  };
}
