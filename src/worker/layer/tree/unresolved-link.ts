import { shownPath } from '../shown-path.ts';
import type { UnresolvedLink } from './file-tree.ts';

/** Returns the part of a message that states why a link leads to no file. */
export function unresolvedLinkText({ link, target, isEndless }: UnresolvedLink): string {
  const why = isEndless ? 'which leads into a loop or through too many links' : 'which no layer contains';
  return `${shownPath(link)} is a link to ${shownPath(target)}, ${why}`;
}
