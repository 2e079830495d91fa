import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { parseDuration } from '../duration.ts';
import { type Duration, durationKey, optionalDurationKey, rateKey } from '../key-forms.ts';

/** Feeds and their updates. */
export type UpdaterConfig = {
  readonly interval: Duration;
  readonly intervals: Record<string, Duration>;
  /** The age at which a feed is stale; by default, the stored limit of each feed. */
  readonly staleAfter?: Duration;
  readonly maxShrinkPercent: number;
  readonly maxShrinkRecords: number;
  readonly offline: boolean;
  /** The feeds to update; all feeds by default. */
  readonly feeds?: string[];
  readonly addresses: Record<string, string>;
  readonly osv: {
    /** The ecosystems to read; an empty list means all ecosystems that Clair supports. */
    readonly ecosystems: string[];
  };
  /** The cache folder; by default, the folder `clair` in the user's cache directory. */
  readonly cache?: string;
  readonly minimumRate: number;
  /** The reference of a published database. */
  readonly database?: string;
  readonly databaseKey?: string;
};

const DURATION = Type.Union([Type.Refine(Type.String(), (text) => parseDuration(text) !== undefined), Type.Literal(0)]);

const KEYS = mapOf({
  interval: durationKey('2h', '2h or 90m', 'Time between two updates of a feed; 0 turns off updates by the server'),
  intervals: Type.Record(Type.String(), DURATION, {
    default: {},
    title: 'a map of feeds to durations',
    description: 'Update intervals of individual feeds; 0 turns off updates of the feed by the server',
  }),
  staleAfter: optionalDurationKey(
    'the limit that the last successful update stored, otherwise `5d`',
    '5d or 12h',
    'Age of the last update after which a feed is stale; a successful update stores this limit for processes without this setting',
  ),
  maxShrinkPercent: Type.Integer({
    minimum: 0,
    maximum: 100,
    default: 20,
    title: 'an integer from 0 to 100',
    description:
      'Percentage of entries that a feed may lose in one update; an update that removes more, and more than `maxShrinkRecords` entries, is refused',
  }),
  maxShrinkRecords: Type.Integer({
    minimum: 0,
    default: 100,
    title: 'an integer of 0 or more',
    description: 'Number of entries that a feed may always lose in one update',
  }),
  offline: Type.Boolean({
    default: false,
    title: 'true or false',
    description: 'Update from local files only, without network access',
  }),
  feeds: Type.Optional(
    Type.Array(Type.String({ title: 'a feed name' }), {
      title: 'a list of feeds',
      description: 'Feeds to update',
      $comment: 'all feeds',
    }),
  ),
  addresses: Type.Record(Type.String(), Type.String({ pattern: '^(https?|file):' }), {
    default: {},
    title: 'a map of feeds to http:, https: or file: URLs',
    description: 'Mirrors: URLs to fetch feeds from instead of their publishers',
  }),
  osv: mapOf({
    ecosystems: Type.Array(Type.String({ title: 'an OSV ecosystem name' }), {
      default: [],
      title: 'a list of ecosystems',
      description: 'OSV ecosystems to read, such as `npm` and `PyPI`; `[]` for all ecosystems that Clair reads',
    }),
  }),
  cache: Type.Optional(
    Type.String({
      pattern: '^/',
      title: 'an absolute path',
      description: 'Directory for feed files that are kept between updates',
      $comment: '`$XDG_CACHE_HOME/clair`, else `~/.cache/clair`',
    }),
  ),
  minimumRate: rateKey('feed servers'),
  database: Type.Optional(
    Type.String({
      minLength: 1,
      title: 'an image reference',
      description:
        'Published database, such as `ghcr.io/org/clair-db:1`; `clair db pull`, `scan`, `explain`, `diff` and `graph` pull it',
      $comment: 'no database is pulled',
    }),
  ),
  databaseKey: Type.Optional(
    Type.String({
      pattern: '^/',
      title: 'an absolute path',
      description:
        'File with the public key (PEM; Ed25519, or ECDSA P-256 of cosign) that must verify the signature of `database`',
      $comment: 'no signature is required',
    }),
  ),
});

/** The section `updater`. */
export const UPDATER: ConfigSection<UpdaterConfig> = {
  name: 'updater',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
