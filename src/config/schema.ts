import { type TObject, type TProperties, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseDuration } from './duration.ts';
import { isHostNotation } from './host-notation.ts';

/** What the configuration file says, with the defaults for what it does not. */
export type Config = {
  readonly api: { readonly host: string; readonly port: number };
  /** Without a path the file is the one of `--db`. */
  readonly database: { readonly type: 'memory' | 'sqlite'; readonly path?: string };
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent' };
  readonly updater: {
    /** As texts, which `parseDuration()` reads. */
    readonly interval: string;
    readonly intervals: Record<string, string>;
    readonly staleAfter: string;
    readonly offline: boolean;
    /** Absent: all. */
    readonly sources?: string[];
    readonly addresses: Record<string, string>;
    /** Absent: below the cache directory of the user. */
    readonly cache?: string;
  };
  readonly worker: {
    readonly allowedHosts: string[];
    readonly allowedPaths: string[];
    /** Absent: as many as there are processors. */
    readonly threads?: number;
  };
};

/** One key of the configuration file: what it may be, and what its documentation says of it. */
export type ConfigKey = {
  readonly section: string;
  readonly name: string;
  /** `worker.threads` */
  readonly path: string;
  readonly value: Expectation;
  /** What each item must be, where the value is a list. */
  readonly item?: Expectation;
  readonly meaning: string;
  /** What holds without the key; undefined where no constant does. */
  readonly fallback: unknown;
  /** The same in words. */
  readonly fallbackText: string;
};

export type Expectation = {
  /** It completes "it must be": `an integer from 0 to 64`. */
  readonly title: string;
  readonly accepts: (value: unknown) => boolean;
};

/** All keys, in the order of the schema. */
export function configKeys(): readonly ConfigKey[] {
  return Object.entries(SCHEMA.properties).flatMap(([section, { properties }]) =>
    Object.entries(properties).map(([name, schema]) => keyOf(section, name, schema)),
  );
}

/**
 * Gives the values of sections as a configuration; those of absent keys are the defaults.
 *
 * @param values by the path of their key; each must be one that the key accepts
 */
export function configOf(values: ReadonlyMap<string, unknown>): Config {
  const config: Record<string, Record<string, unknown>> = {};
  for (const { section, name, path, fallback } of configKeys()) {
    const value = values.get(path) ?? fallback;
    config[section] = { ...config[section], ...(value !== undefined && { [name]: value }) };
  }
  if (!Value.Check(SCHEMA, config)) throw new Error('a configuration was made of values that no key accepts');
  return config;
}

/**
 * The keys, in sections; those that the original had are spelled as there. `title` says what a value must be,
 * `description` what it does, `$comment` what holds without it where that is no constant.
 */
const SCHEMA = sectionOf({
  api: sectionOf({
    host: Type.String({
      minLength: 1,
      default: '127.0.0.1',
      title: 'a name or an address',
      description: 'address to listen on',
    }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 6060,
      title: 'an integer from 0 to 65535',
      description: 'port to listen on; 0 takes a free one',
    }),
  }),
  database: sectionOf({
    type: Type.Enum(['sqlite', 'memory'], {
      default: 'sqlite',
      title: 'sqlite or memory',
      description: 'a file, or a database that is gone afterwards',
    }),
    path: Type.Optional(
      Type.String({
        minLength: 1,
        title: 'the path of a file',
        description: 'file of the database, made when it is not there; of `sqlite` only',
        $comment: 'that of `--db`',
      }),
    ),
  }),
  log: sectionOf({
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      title: 'trace, debug, info, warn, error or silent',
      description: 'how much to log, as JSON lines on standard error',
    }),
  }),
  updater: sectionOf({
    interval: Type.Refine(
      Type.String({
        default: '2h',
        title: 'a duration such as 2h or 90m',
        description: 'time between two updates of a source; 0 for no updates by the server',
      }),
      isDuration,
    ),
    intervals: Type.Record(Type.String(), Type.Refine(Type.String(), isDuration), {
      default: {},
      title: 'a map of sources to durations',
      description: 'the same for single sources',
    }),
    staleAfter: Type.Refine(
      Type.String({
        default: '5d',
        title: 'a duration such as 5d or 12h',
        description: 'time after the last update of a source from when on reports say that it is old',
      }),
      isDuration,
    ),
    offline: Type.Boolean({
      default: false,
      title: 'true or false',
      description: 'whether updates read files alone, and no network is asked',
    }),
    sources: Type.Optional(
      Type.Array(Type.String({ title: 'the name of a source' }), {
        title: 'a list of sources',
        description: 'the sources that are kept up to date',
        $comment: 'all',
      }),
    ),
    addresses: Type.Record(Type.String(), Type.String({ pattern: '^(https?|file):' }), {
      default: {},
      title: 'a map of sources to http:, https: or file: addresses',
      description: 'where sources are read from instead of where they are published, such as mirrors',
    }),
    cache: Type.Optional(
      Type.String({
        pattern: '^/',
        title: 'an absolute path',
        description: 'directory for what sources keep between updates',
        $comment: '`clair` below `$XDG_CACHE_HOME` (`~/.cache`)',
      }),
    ),
  }),
  worker: sectionOf({
    allowedHosts: Type.Array(
      Type.Refine(Type.String({ title: 'a host name, an address or a CIDR range' }), isHostNotation),
      {
        default: [],
        title: 'a list of host names, addresses and CIDR ranges',
        description: 'hosts that clients may name layers on by URL although they are not public',
      },
    ),
    allowedPaths: Type.Array(Type.String({ pattern: '^/', title: 'an absolute path' }), {
      default: [],
      title: 'a list of absolute paths',
      description: 'directories below which clients may name layers by path',
    }),
    threads: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 64,
        title: 'an integer from 0 to 64',
        description: 'threads that read layers; 0 reads them in the main thread',
        $comment: 'the number of processors',
      }),
    ),
  }),
});

function isDuration(text: string): boolean {
  return parseDuration(text) !== undefined;
}

function sectionOf<Keys extends TProperties>(keys: Keys): TObject<Keys> {
  return Type.Object(keys, { additionalProperties: false });
}

function keyOf(section: string, name: string, schema: TSchema): ConfigKey {
  const fallback: unknown = Reflect.get(schema, 'default');
  return {
    section,
    name,
    path: `${section}.${name}`,
    value: expectation(schema),
    ...(Type.IsArray(schema) && { item: expectation(schema.items) }),
    meaning: textOf(schema, 'description'),
    fallback,
    fallbackText: fallback === undefined ? textOf(schema, '$comment') : `\`${plainText(fallback)}\``,
  };
}

function expectation(schema: TSchema): Expectation {
  return { title: textOf(schema, 'title'), accepts: (value) => Value.Check(schema, value) };
}

function textOf(schema: TSchema, annotation: 'title' | 'description' | '$comment'): string {
  return String(Reflect.get(schema, annotation) ?? '');
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
