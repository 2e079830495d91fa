import { type TObject, type TProperties, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** A section of the configuration file: its keys, and how what is read becomes what the program uses. */
export type ConfigSection<T> = {
  readonly name: string;
  readonly keys: TObject;
  /** The value itself when it is one of the section; undefined for any other. */
  readonly checked: (value: unknown) => T | undefined;
};

/** One key of the configuration file: what it may be, and what its documentation says of it. */
export type ConfigKey = {
  /** The maps that it stands in, from the top: `['notifier', 'http']`. */
  readonly maps: readonly string[];
  readonly name: string;
  /** `notifier.http.endpoint` */
  readonly path: string;
  readonly value: Expectation;
  /** What each item must be, where the value is a list. */
  readonly item?: Expectation;
  readonly meaning: string;
  /** What holds without the key; undefined where no constant does. */
  readonly fallback: unknown;
  /** The same in words. */
  readonly fallbackText: string;
  /** Whether it is for nobody's eyes, and may be given by a file of its own instead. */
  readonly isSecret: boolean;
  /** Whether the value is a text, which the environment gives as it is. */
  readonly isText: boolean;
};

export type Expectation = {
  /** It completes "it must be": `an integer from 0 to 64`. */
  readonly title: string;
  readonly accepts: (value: unknown) => boolean;
};

/** A map of keys, in which no other ones may stand. */
export function mapOf<Keys extends TProperties>(keys: Keys): TObject<Keys> {
  return Type.Object(keys, { additionalProperties: false });
}

/** The keys of a section, also those of the maps in it, in the order of the schema. */
export function keysOf({ name, keys }: Pick<ConfigSection<unknown>, 'name' | 'keys'>): readonly ConfigKey[] {
  return keysIn([name], keys);
}

function keysIn(maps: readonly string[], { properties }: TObject): readonly ConfigKey[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    Type.IsObject(schema) ? keysIn([...maps, name], schema) : [keyOf(maps, name, schema)],
  );
}

function keyOf(maps: readonly string[], name: string, schema: TSchema): ConfigKey {
  const fallback: unknown = Reflect.get(schema, 'default');
  return {
    maps,
    name,
    path: [...maps, name].join('.'),
    value: expectation(schema),
    ...(Type.IsArray(schema) && { item: expectation(schema.items) }),
    meaning: textOf(schema, 'description'),
    fallback,
    fallbackText: fallback === undefined ? textOf(schema, '$comment') : shownFallback(fallback),
    isSecret: Reflect.get(schema, 'writeOnly') === true,
    isText: Type.IsString(schema),
  };
}

function expectation(schema: TSchema): Expectation {
  return { title: textOf(schema, 'title'), accepts: (value) => Value.Check(schema, value) };
}

function textOf(schema: TSchema, annotation: 'title' | 'description' | '$comment'): string {
  return String(Reflect.get(schema, annotation) ?? '');
}

function shownFallback(value: unknown): string {
  return `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
}
