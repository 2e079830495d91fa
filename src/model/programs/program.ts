import { createHash } from 'node:crypto';

/** The functions of a Go program in a layer. */
export type Program = {
  /** GOOS; empty if unknown. */
  readonly os: string;
  /** GOARCH, or all GOARCH values of a fat (universal) file, separated by commas; empty if unknown. */
  readonly arch: string;
  /** The reason why the functions are unknown. */
  readonly unknown?: string;
  /** The functions in the form that `writeFunctions()` returns; present unless the functions are unknown. */
  readonly functions?: Uint8Array;
};

/** A difference from the parent layer at a path. `program` is null if the layer removes the program. */
export type ProgramChange = { readonly path: string; readonly program: Program | null };

/** Returns a digest of a program in hexadecimal digits; equal programs have the same digest. */
export function programIdentity({ os, arch, unknown, functions }: Program): string {
  return createHash('sha256')
    .update(`${JSON.stringify([os, arch, unknown ?? null])}\n`)
    .update(functions ?? '')
    .digest('hex');
}
