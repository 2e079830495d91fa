/**
 * The bounds of a software bill of materials, so that a hostile document ends with an error instead of exhausting
 * memory.
 */
export type SbomLimits = {
  /** The maximum size of the document, uncompressed. */
  readonly maxBytes: number;
  /** The maximum size of one component, or of a document inside an envelope. */
  readonly maxMemberBytes: number;
  readonly maxComponents: number;
  /** The maximum nesting depth of objects and arrays. */
  readonly maxDepth: number;
  /** The maximum length of one line, or of one multi-line value, of SPDX tag-value, in characters. */
  readonly maxLineCharacters: number;
};

/** An SBOM that lists the files of a large image is about 100 MB, with 10,000 packages in 200,000 components. */
export const SBOM_LIMITS: SbomLimits = {
  maxBytes: 512 * 1024 * 1024,
  maxMemberBytes: 32 * 1024 * 1024,
  maxComponents: 200_000,
  maxDepth: 100,
  maxLineCharacters: 1024 * 1024,
};
