/** A Maven artifact. */
export type Coordinates = { readonly group: string; readonly artifact: string; readonly version: string };

/** Maven's rule for group and artifact IDs (`DefaultModelValidator`), with a bound on their length. */
const ID = /^[A-Za-z0-9_.-]{1,200}$/;

/** Maven has no rule for versions; the versions of releases are short and without blanks. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}$/;

/** Returns whether a text may be the group ID or artifact ID of a library. */
export function isId(text: string | undefined): text is string {
  return text !== undefined && ID.test(text);
}

/**
 * Returns whether a string may be the version of a release; such a version starts with a digit, or contains a digit
 * after a letter, as in `v2`, `r09` and `Hoxton.SR1`.
 */
export function isVersion(text: string | undefined): text is string {
  return text !== undefined && VERSION.test(text) && /^[vr]?\d|[A-Za-z]+[.-]?\d/i.test(text);
}
