import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { parseDuration } from '../duration.ts';
import { type Duration, durationKey, rateKey } from '../key-forms.ts';

/** How the feeds are kept up to date. */
export type UpdaterConfig = {
  readonly interval: Duration;
  readonly intervals: Record<string, Duration>;
  readonly staleAfter: Duration;
  readonly maxShrinkPercent: number;
  readonly maxShrinkRecords: number;
  readonly offline: boolean;
  /** Absent: all. */
  readonly feeds?: string[];
  readonly addresses: Record<string, string>;
  /** Absent: below the cache directory of the user. */
  readonly cache?: string;
  readonly minimumRate: number;
};

const DURATION = Type.Union([Type.Refine(Type.String(), (text) => parseDuration(text) !== undefined), Type.Literal(0)]);

const KEYS = mapOf({
  interval: durationKey('2h', '2h or 90m', 'time between two updates of a feed; 0 for no updates by the server'),
  intervals: Type.Record(Type.String(), DURATION, {
    default: {},
    title: 'a map of feeds to durations',
    description: 'the same for single feeds',
  }),
  staleAfter: durationKey(
    '5d',
    '5d or 12h',
    'time after the last update of a feed from when on reports say that it is old',
  ),
  maxShrinkPercent: Type.Integer({
    minimum: 0,
    maximum: 100,
    default: 20,
    title: 'an integer from 0 to 100',
    description: 'a feed that shrinks by more percent, and by more records than `maxShrinkRecords`, is refused',
  }),
  maxShrinkRecords: Type.Integer({
    minimum: 0,
    default: 100,
    title: 'an integer of 0 or more',
    description: 'number of records that a feed may always lose in one update',
  }),
  offline: Type.Boolean({
    default: false,
    title: 'true or false',
    description: 'whether updates read files alone, and no network is asked',
  }),
  feeds: Type.Optional(
    Type.Array(Type.String({ title: 'the name of a feed' }), {
      title: 'a list of feeds',
      description: 'the feeds that are kept up to date',
      $comment: 'all',
    }),
  ),
  addresses: Type.Record(Type.String(), Type.String({ pattern: '^(https?|file):' }), {
    default: {},
    title: 'a map of feeds to http:, https: or file: addresses',
    description: 'where feeds are read from instead of where they are published, such as mirrors',
  }),
  cache: Type.Optional(
    Type.String({
      pattern: '^/',
      title: 'an absolute path',
      description: 'directory for what feeds keep between updates',
      $comment: '`clair` below `$XDG_CACHE_HOME` (`~/.cache`)',
    }),
  ),
  minimumRate: rateKey('servers of feeds'),
});

/** The section `updater`. */
export const UPDATER: ConfigSection<UpdaterConfig> = {
  name: 'updater',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
