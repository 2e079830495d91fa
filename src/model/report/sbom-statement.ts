/** A VEX statement in a software bill of materials, about packages of the same document. */
export type SbomStatement = {
  /** The place in the document, such as `vulnerability 3`. */
  readonly place: string;
  /** The names of the vulnerability. */
  readonly ids: readonly string[];
  /** Whether the statement suppresses findings, or keeps them despite other statements. */
  readonly effect: 'suppress' | 'keep';
  readonly justification: string | null;
  /** The reason in words; empty without a reason. */
  readonly reason: string;
  /** The time of the statement in milliseconds since 1970; 0 if the document states no time. */
  readonly timestamp: number;
  /** The package URLs of the packages; empty if the statement is about the whole document. */
  readonly packages: readonly string[];
};
