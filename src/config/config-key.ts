import { type TObject, type TProperties, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** A section of the configuration file: its name, the schema of its keys and a typed check. */
export type ConfigSection<T> = {
  readonly name: string;
  readonly keys: TObject;
  /** Returns the value if the value matches the schema, otherwise undefined. */
  readonly checked: (value: unknown) => T | undefined;
};

/** A key of the configuration file, with its constraints and its documentation. */
export type ConfigKey = {
  /** The names of the enclosing maps, outermost first, such as `['notifier', 'http']`. */
  readonly maps: readonly string[];
  readonly name: string;
  /** The dotted path, such as `notifier.http.endpoint`. */
  readonly path: string;
  readonly value: Expectation;
  /** The expected value of each item of a list. */
  readonly item?: Expectation;
  readonly meaning: string;
  /** The default value; undefined if the default is not a constant. */
  readonly fallback: unknown;
  /** The default in words, for the documentation. */
  readonly fallbackText: string;
  /**
   * Whether the value is a secret. Clair hides secrets in output, and accepts a secret from a file (the key with `file`
   * appended).
   */
  readonly isSecret: boolean;
  /** Whether the value is a text. In environment variables, all other values are parsed as YAML. */
  readonly isText: boolean;
};

export type Expectation = {
  /** The end of the sentence "KEY must be …", such as `an integer from 0 to 64`. */
  readonly title: string;
  readonly accepts: (value: unknown) => boolean;
};

/** Returns the schema of a map with exactly these keys. */
export function mapOf<Keys extends TProperties>(keys: Keys): TObject<Keys> {
  return Type.Object(keys, { additionalProperties: false });
}

/** Returns the keys of a section and of its nested maps, in schema order. */
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
