import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { ReportSuppression } from '../model/report/report.ts';
import type { ImagePattern } from './image-pattern.ts';
import type { PackagePattern } from './package-pattern.ts';

/** A rule: one entry of an ignore file, or one statement of a VEX document. */
export type SuppressionRule = ReportSuppression & {
  readonly file: string;
  /** The place in the file: `line 3`, `statement 2`. */
  readonly place: string;
  /** The names of the vulnerability, any of which may match; null for every vulnerability. */
  readonly ids: readonly string[] | null;
  /** The rule applies in any of these scopes. */
  readonly scopes: readonly RuleScope[];
  /** Whether the rule suppresses findings, or keeps them despite older statements. */
  readonly effect: 'suppress' | 'keep';
  /** The time of a VEX statement in milliseconds since 1970; 0 for ignore files. The latest statement applies. */
  readonly timestamp: number;
};

/** The scope of a rule. All given parts must match. */
export type RuleScope = {
  readonly images: readonly ImagePattern[];
  readonly packages: readonly PackagePattern[];
  /** The namespace of the packages: `rhel:9`. */
  readonly release?: string;
  /** The layers of this origin, or the layer with this digest. */
  readonly layer?: string;
};

/** The rules of ignore files and VEX documents, or of the database. */
export type RuleSet = {
  readonly rules: readonly SuppressionRule[];
  /** Whether the rules are for many images; then unmatched rules cause no diagnostic in the report of one image. */
  readonly isShared: boolean;
  /** Diagnostics about the files themselves. */
  readonly diagnostics?: readonly Diagnostic[];
};
