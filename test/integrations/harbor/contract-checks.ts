/** Strict checks of JSON values, as a Go client decodes them: a wrong type is an error, and null is not a value. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };

type Read<Result> = (value: Value, name: string) => Result;

export function check(isFine: boolean, fault: string): void {
  if (!isFine) throw new Error(fault);
}

export function json(text: string): Value {
  return JSON.parse(text) as Value;
}

export const string: Read<string> = (value, name) => {
  if (typeof value !== 'string') throw new Error(`${name} is not a text`);
  return value;
};

export const number: Read<number> = (value, name) => {
  if (typeof value !== 'number') throw new Error(`${name} is not a number`);
  return value;
};

export const array: Read<readonly Value[]> = (value, name) => {
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value as readonly Value[];
};

export const object: Read<Readonly<Record<string, Value>>> = (value, name) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${name} is not an object`);
  return value as Readonly<Record<string, Value>>;
};

export function record<Result>(value: Value, read: Read<Result>, name: string): Readonly<Record<string, Result>> {
  return Object.fromEntries(
    Object.entries(object(value, name)).map(([key, each]) => [key, read(each, `${name}.${key}`)]),
  );
}

export function optional<Result>(value: Value, read: Read<Result>, name: string): Result | undefined {
  return value === undefined ? undefined : read(value, name);
}

/** RFC 3339, as Go decodes it. */
export const time: Read<string> = (value, name) => {
  const text = string(value, name);
  check(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text), `${name} is not a time: ${text}`);
  return text;
};

/** Checks that PostgreSQL can store a text: no NUL, no lone surrogate. */
export function storable(text: string, name: string): string {
  check(!text.includes('\0') && !/\p{Surrogate}/u.test(text), `${name} cannot be stored`);
  return text;
}
