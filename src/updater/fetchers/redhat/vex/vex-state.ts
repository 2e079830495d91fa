import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FeedValidators } from '../../../feed/fetcher.ts';
import type { VexChange } from './vex-changes.ts';

/** How far the feed was read, kept as one text in the place of an entity tag. */
export type VexState = {
  /** The name of the archive that the reading began with; absent when that does not tell its day. */
  readonly archive?: string;
  /** The time of the newest change that was read, in milliseconds since 1970. */
  readonly changedAt: number;
  /** The validators of the lists of changes. */
  readonly changes: FeedValidators;
  readonly deletions: FeedValidators;
  /** The validators of the list of repositories; absent when there was none. */
  readonly repositories?: FeedValidators;
};

export function writeVexState(state: VexState): string {
  return JSON.stringify(state);
}

/** Reads such a text; undefined when there is none, or it is something else: the feed is then read anew. */
export function parseVexState(text: string | undefined): VexState | undefined {
  const value = text === undefined ? undefined : parsed(text);
  return Value.Check(SHAPE, value) ? value : undefined;
}

/** Tells whether the list of changes goes back to where the last reading ended: only then is nothing missed between. */
export function coversState(changed: readonly VexChange[], state: VexState, archive: string | undefined): boolean {
  if (archive !== undefined && archive === state.archive) return true;
  return changed.some(({ at }) => at <= state.changedAt);
}

const VALIDATORS = Type.Object({
  etag: Type.Optional(Type.String()),
  lastModified: Type.Optional(Type.String()),
});

const SHAPE = Type.Object({
  archive: Type.Optional(Type.String()),
  changedAt: Type.Number({ minimum: 0 }),
  changes: VALIDATORS,
  deletions: VALIDATORS,
  repositories: Type.Optional(VALIDATORS),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
