/** A range of the bytes of a file; `end` is exclusive. */
export type ByteRange = { readonly start: number; readonly end: number };
