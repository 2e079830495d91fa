/**
 * The shape of a part of a JSON document. Images are read with these shapes and not with the schema library of the
 * configuration and the API, because loading that library takes longer than reading an indexed image.
 */
export type Shape<Value> = {
  /**
   * Returns what is wrong with a value, such as `/layers/0/digest must be a string`, or undefined for a value of this
   * shape.
   *
   * @param at the JSON pointer of the value (RFC 6901), empty for the whole document
   */
  readonly fault: (value: unknown, at: string) => string | undefined;
  /** Carries the type of the values; never set. */
  readonly value?: Value;
};

/** The type of the values of a shape. */
export type Shaped<Of> = Of extends Shape<infer Value> ? Value : never;

/** The shape of a member that can be absent. */
export type OptionalShape<Value> = Shape<Value> & { readonly isOptional: true };

type Members = Readonly<Record<string, Shape<unknown>>>;

type OptionalKeys<Of extends Members> = {
  [Key in keyof Of]: Of[Key] extends { readonly isOptional: true } ? Key : never;
}[keyof Of];

type ObjectOf<Of extends Members> = {
  readonly [Key in Exclude<keyof Of, OptionalKeys<Of>>]: Shaped<Of[Key]>;
} & { readonly [Key in OptionalKeys<Of>]?: Shaped<Of[Key]> };

/** Returns whether a value has a shape. */
export function hasShape<Value>(shape: Shape<Value>, value: unknown): value is Value {
  return shape.fault(value, '') === undefined;
}

/** Returns the shape of texts. @param maxLength the maximum number of code points; unlimited when absent */
export function text(maxLength: number = Number.POSITIVE_INFINITY): Shape<string> {
  return {
    fault(value, at) {
      if (typeof value !== 'string') return fault(at, 'a string');
      const isLong = value.length > maxLength && Array.from(value).length > maxLength;
      return isLong ? fault(at, `a string of at most ${maxLength} characters`) : undefined;
    },
  };
}

/** The shape of `true` and `false`. */
export const FLAG: Shape<boolean> = {
  fault: (value, at) => (typeof value === 'boolean' ? undefined : fault(at, 'true or false')),
};

/** The shape of sizes: integers from 0. */
export const SIZE: Shape<number> = {
  fault: (value, at) => (Number.isInteger(value) && Number(value) >= 0 ? undefined : fault(at, 'an integer from 0')),
};

/** The shape of any value. */
export const ANY: Shape<unknown> = { fault: () => undefined };

/** Returns the shape of null and the values of another shape. */
export function orNull<Value>(shape: Shape<Value>): Shape<Value | null> {
  return { fault: (value, at) => (value === null ? undefined : shape.fault(value, at)) };
}

/** Returns the shape of a member that can be absent from its object. */
export function optional<Value>(shape: Shape<Value>): OptionalShape<Value> {
  return { fault: shape.fault, isOptional: true };
}

/** Returns the shape of lists. */
export function list<Value>(item: Shape<Value>): Shape<readonly Value[]> {
  return {
    fault(value, at) {
      if (!Array.isArray(value)) return fault(at, 'a list');
      return firstFault(value, (each, index) => item.fault(each, `${at}/${index}`));
    },
  };
}

/** Returns the shape of objects with any keys. */
export function record<Value>(member: Shape<Value>): Shape<Readonly<Record<string, Value>>> {
  return {
    fault(value, at) {
      if (!isObject(value)) return fault(at, 'an object');
      return firstFault(Object.entries(value), ([key, each]) => member.fault(each, pointer(at, key)));
    },
  };
}

/** Returns the shape of objects with these members; other members are allowed and ignored. */
export function object<Of extends Members>(members: Of): Shape<ObjectOf<Of>> {
  const entries = Object.entries(members);
  return {
    fault(value, at) {
      if (!isObject(value)) return fault(at, 'an object');
      return firstFault(entries, ([key, shape]) => {
        if (Object.hasOwn(value, key)) return shape.fault(value[key], pointer(at, key));
        return 'isOptional' in shape ? undefined : fault(at, `an object with the key ${JSON.stringify(key)}`);
      });
    },
  };
}

function firstFault<Item>(
  items: readonly Item[],
  faultOf: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = faultOf(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fault(at: string, expected: string): string {
  return `${at || 'top level'} must be ${expected}`;
}

function pointer(at: string, key: string): string {
  return `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
