import type { LayerContents } from '../../layer/layer-contents.ts';
import { createPathList } from '../../layer/tree/path-list.ts';

/** A layer by its members: what analysis keeps of it decides whether files are in an image. */
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
};

/** Returns the contents of a layer, as analysis stores them. */
export function layerOf(made: MadeUpLayer): LayerContents {
  const { members = [], files = [], links = {}, whiteouts = [], opaque = [], absent, isPartial } = made;
  const list = createPathList(1_000_000);
  for (const member of members) list.add(member);
  const others = list.list();
  return {
    whiteouts,
    opaque,
    entries: [
      ...Object.entries(links).map(([path, target]) => ({ kind: 'symlink' as const, path, target })),
      ...files.map((path) => ({ kind: 'file' as const, path })),
    ],
    ...(others && { others }),
    outside: 0,
    ...(absent !== undefined && { absent }),
    ...(isPartial && { isPartial }),
  };
}
