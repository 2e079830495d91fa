import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FeedValidators } from '../../../feed/fetcher.ts';
import type { VexChange } from './vex-changes.ts';

/** The state of the feed at its last fetch, which is stored as the entity tag of the feed. */
export type VexState = {
  /** The archive that the last complete fetch read; absent if the name of the archive has no date. */
  readonly archive?: string;
  /** The time of the newest change that was read, in milliseconds since 1970. */
  readonly changedAt: number;
  readonly changes: FeedValidators;
  readonly deletions: FeedValidators;
  /** The validators of the list of repositories; absent if the list did not exist. */
  readonly repositories?: FeedValidators;
};

/** Returns a state as the text that {@link parseVexState} reads. */
export function writeVexState(state: VexState): string {
  return JSON.stringify(state);
}

/** Parses a stored state. Returns undefined for any other string, so that the feed is read completely. */
export function parseVexState(text: string | undefined): VexState | undefined {
  const value = text === undefined ? undefined : parsed(text);
  return Value.Check(SHAPE, value) ? value : undefined;
}

/** Returns whether the list of changes reaches back to the last fetch, so that no change is missed. */
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
