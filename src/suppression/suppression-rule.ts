import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { ReportSuppression } from '../model/report/report.ts';
import type { ImagePattern } from './image-pattern.ts';
import type { PackagePattern } from './package-pattern.ts';

/** An ignore rule from a file or the database, or a VEX statement. */
export type SuppressionRule = ReportSuppression & {
  readonly file: string;
  /** The place in the file, such as `line 3` or `statement 2`; for a rule in the database, the name of the rule. */
  readonly place: string;
  /** The names of the vulnerability, any of which may match; null if the rule is about every vulnerability. */
  readonly ids: readonly string[] | null;
  /** The scopes of the rule, which applies to the findings in any of its scopes. */
  readonly scopes: readonly RuleScope[];
  /** `suppress` if the rule suppresses findings; `keep` if the rule keeps findings despite older statements. */
  readonly effect: 'suppress' | 'keep';
  /**
   * The time of a VEX statement in milliseconds since 1970; 0 for ignore rules. The newest statement applies.
   */
  readonly timestamp: number;
};

/** The scope of a rule. All parts that are present must match. */
export type RuleScope = {
  readonly images: readonly ImagePattern[];
  readonly packages: readonly PackagePattern[];
  /** The namespace of the packages, such as `rhel:9`. */
  readonly release?: string;
  /** The origin of layers, or the digest of a layer. */
  readonly layer?: string;
};

/** Rules of a common origin, such as the files of a command, the database or an SBOM. */
export type RuleSet = {
  readonly rules: readonly SuppressionRule[];
  /** Whether the rules are for many images; if so, unmatched rules cause no diagnostic in the report of an image. */
  readonly isShared: boolean;
  /** Diagnostics about files or rules that cannot be read. */
  readonly diagnostics?: readonly Diagnostic[];
};
