import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FeedValidators } from '../../feed/fetcher.ts';

/** The state of an ecosystem at its last fetch. */
export type EcosystemState = {
  /** The validators of `modified_id.csv`; absent if the mirror has no list. */
  readonly list?: FeedValidators;
  /** The validators of `all.zip`, if the mirror has no list. */
  readonly archive?: FeedValidators;
  /** The SHA-256 of the stored list ({@link RecordTimes} in the cache); absent if no list is stored. */
  readonly stored?: string;
};

/** The states of the ecosystems, by the name of the ecosystem. */
export type BucketState = ReadonlyMap<string, EcosystemState>;

/** Returns the state as a string, which is stored as the entity tag of the feed. */
export function writeBucketState(state: BucketState): string {
  return JSON.stringify(Object.fromEntries(state));
}

/** Parses the result of {@link writeBucketState}; returns an empty map for any other string. */
export function parseBucketState(text: string | undefined): BucketState {
  const value = text === undefined ? undefined : parsed(text);
  return new Map(Value.Check(SHAPE, value) ? Object.entries(value) : []);
}

const VALIDATORS = Type.Object({ etag: Type.Optional(Type.String()), lastModified: Type.Optional(Type.String()) });

const SHAPE = Type.Record(
  Type.String(),
  Type.Object({
    list: Type.Optional(VALIDATORS),
    archive: Type.Optional(VALIDATORS),
    stored: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  }),
);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
