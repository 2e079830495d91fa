import { createHash } from 'node:crypto';

/** The functions of one Go program, as layers contain them. */
export type Program = {
  /** GOOS; empty if unknown. */
  readonly os: string;
  /** GOARCH; of a file for several processors all, separated by commas. Empty if unknown. */
  readonly arch: string;
  /** Why the functions are unknown. */
  readonly unknown?: string;
  /** As `writeFunctions()` returns them; present unless they are unknown. */
  readonly functions?: Uint8Array;
};

/** A path whose program differs from the one at the parent; null after the program was removed. */
export type ProgramChange = { readonly path: string; readonly program: Program | null };

/** Returns a digest of a program in hexadecimal digits; equal programs have the same. */
export function programIdentity({ os, arch, unknown, functions }: Program): string {
  return createHash('sha256')
    .update(`${JSON.stringify([os, arch, unknown ?? null])}\n`)
    .update(functions ?? '')
    .digest('hex');
}
