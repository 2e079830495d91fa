import type { Bound } from '../kept-path.ts';
import type { LayerLimits } from '../limits.ts';

/**
 * The room for links to directories of package files, and for programs; a layer that exceeds this room is still read.
 */
export type SeparateRoom = {
  /** Returns whether a path fits. A path that counts towards another limit always fits and is not measured. */
  readonly fits: (bound: Bound, characters: () => number) => boolean;
  /**
   * Adds a number of characters, which may be negative, to the use of one of these limits; returns false for any other
   * limit.
   */
  readonly grow: (bound: Bound, characters: number) => boolean;
  /** Whether a link did not fit; after the first link that did not fit, no further link fits. */
  readonly areLinksCut: () => boolean;
  /** The number of programs that did not fit. */
  readonly moreExecutables: () => number;
};

/** Creates an empty room. */
export function createSeparateRoom({
  maxFollowedCharacters,
  maxExecutableCharacters,
}: Pick<LayerLimits, 'maxFollowedCharacters' | 'maxExecutableCharacters'>): SeparateRoom {
  const used = { followed: 0, executables: 0 };
  let areLinksCut = false;
  let moreExecutables = 0;
  return {
    fits(bound, characters) {
      if (bound === 'followed') {
        areLinksCut ||= used.followed + characters() > maxFollowedCharacters;
        return !areLinksCut;
      }
      const isWithin = bound !== 'executables' || used.executables + characters() <= maxExecutableCharacters;
      if (!isWithin) moreExecutables += 1;
      return isWithin;
    },
    grow(bound, characters) {
      if (bound !== 'followed' && bound !== 'executables') return false;
      used[bound] += characters;
      return true;
    },
    areLinksCut: () => areLinksCut,
    moreExecutables: () => moreExecutables,
  };
}
