import type { Directory, Node } from './tree-nodes.ts';

export const ROOT = '';

/** The number of links followed for one path before the path is treated as a loop, as in Linux. */
const MAX_LINK_HOPS = 40;

/** The limits of a walk, and the steps that all walks share. */
export type WalkBudget = { readonly limits: { readonly maxLookupSteps: number }; readonly steps: { left: number } };

export type Walk = {
  /** The node found; a symlink only after a loop or too many steps, a hard link only if its target is unknown. */
  readonly node: Node | undefined;
  /** The real path of the node or of the missing node. */
  readonly path: string;
  /** The unresolved rest of the path; no segment is empty or `.`. */
  readonly rest: readonly string[];
  readonly hasLinks: boolean;
  /** The topmost layer that added or changed one of the links; 0 if there are no links. */
  readonly linkDepth: number;
  /**
   * The dangling link that the walk followed most recently, if any. A link is not dangling if only a path below its
   * target is missing.
   */
  readonly link: { readonly path: string; readonly target: string } | undefined;
};

/** A node with the directories above it. */
type Place = { readonly node: Node; readonly name: string; readonly above: Place | null };

type FollowedLink = {
  readonly node: Extract<Node, { kind: 'symlink' }>;
  readonly place: Place;
  readonly name: string;
  /** The number of pending segments when the walk reached the link. */
  readonly behind: number;
};

/**
 * Walks from the root along `path`, following links inside the root only (path_resolution(7), as in a chroot). Each
 * segment, including the segments of links, is a step; a walk ends at a link once its own steps or the shared steps are
 * used up.
 */
export function walk(root: Directory, path: string, { limits, steps }: WalkBudget): Walk {
  const top: Place = { node: root, name: ROOT, above: null };
  const pending = path.split('/').toReversed();
  const links: FollowedLink[] = [];
  let place = top;
  let left = Math.min(limits.maxLookupSteps, steps.left);
  const used = left;
  const ended = (node: Node | undefined, at: string, link: FollowedLink | undefined): Walk => {
    steps.left -= used - left;
    const rest = pending.toReversed().filter((name) => name !== '' && name !== '.');
    const hasLinks = links.length > 0;
    return {
      node,
      path: at,
      rest,
      hasLinks,
      linkDepth: Math.max(0, ...links.map((each) => each.node.depth)),
      link: link && { path: pathOf(link.place, link.name), target: link.node.target },
    };
  };
  const deadLink = (): FollowedLink | undefined => links.findLast(({ behind }) => pending.length >= behind);
  while (pending.length > 0) {
    const name = pending.pop() ?? '';
    left -= 1;
    const last = links.at(-1);
    if (left < 0 && last !== undefined) return ended(last.node, pathOf(last.place, last.name), last);
    if (name === '' || name === '.') continue;
    if (name === '..' && place.node.kind === 'directory') {
      place = place.above ?? top;
      continue;
    }
    const child: Node | undefined = place.node.kind === 'directory' ? place.node.children.get(name) : undefined;
    if (child === undefined) return ended(undefined, pathOf(place, name), deadLink());
    if (child.kind === 'symlink') {
      links.push({ node: child, place, name, behind: pending.length });
      if (links.length > MAX_LINK_HOPS) return ended(child, pathOf(place, name), deadLink());
      if (child.target.startsWith('/')) place = top;
      for (const segment of child.target.split('/').toReversed()) pending.push(segment);
      continue;
    }
    place = { node: child, name, above: place };
  }
  return ended(place.node, place.above === null ? ROOT : pathOf(place.above, place.name), undefined);
}

function pathOf(place: Place, name: string): string {
  const names = [name];
  for (let at = place; at.above !== null; at = at.above) names.push(at.name);
  return names.toReversed().join('/');
}
