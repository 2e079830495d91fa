import { type PathList, pathsOf } from '../tree/path-list.ts';

/**
 * A hard link to a path that the layer does not contain. The link is a program if a layer below has a program at
 * `target`.
 */
export type ProgramLink = { readonly path: string; readonly target: string };

/** The hard links of a layer whose targets may be programs in the layers below. */
export type ProgramLinks = {
  /** Adds a link whose target the layer has not kept. A link to another link gets the target of the other link. */
  readonly add: (path: string, target: string) => void;
  /** Removes the link at a path because another member replaces it. */
  readonly drop: (path: string) => void;
  /** Returns the links to paths that are not members of the layer, in archive order. */
  readonly list: () => readonly ProgramLink[];
  /** The number of links that did not fit. */
  readonly more: () => number;
};

/** At the limit, links to other members of the layer are removed; this share of the space must be free afterwards. */
const FREED_PART = 1 / 4;

/**
 * Creates an empty list.
 *
 * @param maxCharacters the limit for the paths and targets of all links together; further links are only counted
 * @param members returns the unwanted members of the layer so far
 */
export function createProgramLinks(maxCharacters: number, members: () => PathList | undefined): ProgramLinks {
  const links = new Map<string, string>();
  let characters = 0;
  let isFull = false;
  let more = 0;

  const drop = (path: string): void => {
    const target = links.get(path);
    if (target === undefined) return;
    characters -= path.length + target.length;
    links.delete(path);
  };

  /** Removes the links to unwanted members of the layer, which are most of the links. */
  function dropLinksToMembers(): void {
    const listed = links.size === 0 ? undefined : members();
    if (listed === undefined) return;
    const targets = new Set(links.values());
    const found = new Set<string>();
    for (const path of pathsOf(listed)) if (targets.has(path) && !links.has(path)) found.add(path);
    for (const [path, target] of links) if (found.has(target)) drop(path);
  }

  return {
    add(path, target) {
      drop(path);
      const end = links.get(target) ?? target;
      const added = path.length + end.length;
      if (!isFull && characters + added > maxCharacters) {
        dropLinksToMembers();
        isFull = characters + added > maxCharacters * (1 - FREED_PART);
      }
      if (isFull) more += 1;
      else {
        links.set(path, end);
        characters += added;
      }
    },
    drop,
    list() {
      dropLinksToMembers();
      return [...links].map(([path, target]) => ({ path, target }));
    },
    more: () => more,
  };
}
