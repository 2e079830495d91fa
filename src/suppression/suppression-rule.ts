import type { Diagnostic } from '../model/report/diagnostic.ts';
import type { ReportSuppression } from '../model/report/report.ts';
import type { ImagePattern } from './image-pattern.ts';
import type { PackagePattern } from './package-pattern.ts';

/** What somebody says of vulnerabilities in some packages: one entry of an ignore file, one statement of a VEX document. */
export type SuppressionRule = ReportSuppression & {
  readonly file: string;
  /** Where in the file: `line 3`, `statement 2`. */
  readonly place: string;
  /** The names of the vulnerability, any of which may be meant; null for every vulnerability. */
  readonly ids: readonly string[] | null;
  /** Where it holds: in any of them. */
  readonly scopes: readonly RuleScope[];
  /** Whether it takes findings out, or says that they stay, against what an older statement said. */
  readonly effect: 'suppress' | 'keep';
  /** When a VEX document said it, in milliseconds since 1970: the latest statement holds. Of ignore files 0. */
  readonly timestamp: number;
};

/** All of what it names must be so. */
export type RuleScope = {
  readonly images: readonly ImagePattern[];
  readonly packages: readonly PackagePattern[];
  /** Packages that are judged in this release: `rhel:9`. */
  readonly release?: string;
  /** Layers of that origin, or the one of that digest. */
  readonly layer?: string;
};

/** The rules of some files. */
export type RuleSet = {
  readonly rules: readonly SuppressionRule[];
  /** Whether they are for many images: then it is no matter for the report of one which of them match nothing in it. */
  readonly isShared: boolean;
  /** What must be said of the files themselves; nothing when absent. */
  readonly diagnostics?: readonly Diagnostic[];
};
