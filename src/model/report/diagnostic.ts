/**
 * What Clair could not tell, or what its reader must know to trust an answer. A report never swallows one.
 * `incomplete` diagnostics mean that the answer may lack findings: they decide exit status 3.
 */
const TABLE = {
  'distribution-unknown': {
    incomplete: true,
    meaning: 'No operating system was found: packages are listed, not matched.',
  },
  'namespace-without-data': {
    incomplete: true,
    meaning: 'No feed covers this release: its packages were not checked.',
  },
  'feed-record-skipped': {
    incomplete: true,
    meaning: 'A feed holds records that were skipped, as a whole or in part: what they say is missing.',
  },
  'feed-record-inexact': {
    incomplete: false,
    meaning: 'A feed holds records that could not be understood in all, and were taken in the widest sense.',
  },
  'feed-undecided': {
    incomplete: false,
    meaning: 'A feed has not decided yet, or cannot, whether packages of the image are affected.',
  },
  'feed-stale': {
    incomplete: true,
    meaning: 'The data of a feed is old: what was published since is not known.',
  },
  'feed-update-failed': {
    incomplete: true,
    meaning: 'An update of a feed was requested and failed: newer advisories may be missing.',
  },
  'enrichment-update-failed': {
    incomplete: false,
    meaning: 'The NVD, EPSS or KEV could not be updated: severities and risks are by older data, or lack it.',
  },
  'feed-update-refused': {
    incomplete: true,
    meaning: 'A feed shrank, so its update was refused: older data is used, and newer advisories may be missing.',
  },
  'package-database-unreadable': { incomplete: true, meaning: 'A package database could not be read.' },
  'package-database-missing': {
    incomplete: true,
    meaning: 'No package database was found, or an empty one: nothing could be matched.',
  },
  'package-database-removed': { incomplete: true, meaning: 'A layer removes or empties the package database.' },
  'package-entry-unreadable': { incomplete: true, meaning: 'One entry of a package database was skipped.' },
  'package-limit-reached': {
    incomplete: true,
    meaning: 'A package database or an image has more packages than Clair reads: the others were not matched.',
  },
  'package-version-invalid': {
    incomplete: true,
    meaning: 'A version could not be understood: its package was not matched.',
  },
  'package-module-unknown': {
    incomplete: true,
    meaning: 'A package does not say of which module it is: it was not matched.',
  },
  'package-third-party': {
    incomplete: true,
    meaning: 'Packages that the distribution did not build: no feed covers them, so they were not checked.',
  },
  'package-half-configured': {
    incomplete: false,
    meaning: 'A package is on disk, but its configuration is unfinished.',
  },
  'file-list-unreadable': {
    incomplete: false,
    meaning: 'A list of the files of packages has entries that cannot be read: the owners of some files are unknown.',
  },
  'file-list-limit-reached': {
    incomplete: false,
    meaning: 'Packages have more files, or links to them, than Clair reads: the owners of some files are unknown.',
  },
  'link-unresolved': {
    incomplete: true,
    meaning: 'A wanted file is a link whose target is not in the layers, or not all layers could be read for it.',
  },
  'release-file-unreadable': { incomplete: true, meaning: 'A file that names the operating system could not be read.' },
  'release-ambiguous': { incomplete: false, meaning: 'Testing and unstable could not be told apart.' },
  'release-end-of-life': {
    incomplete: true,
    meaning: 'The release is out of support, and no feed follows it any more: newer vulnerabilities are missing.',
  },
  'release-mixed': { incomplete: true, meaning: 'Packages of another release may be installed beside its own.' },
  'layer-absent': { incomplete: true, meaning: 'A layer could not be had: what it adds and removes is not known.' },
  'content-manifest-unreadable': {
    incomplete: false,
    meaning: 'A file that should name the repositories of packages does not, or not all of them.',
  },
  'content-set-unknown': {
    incomplete: true,
    meaning: 'The products of a repository are not known: what is said of them was not matched.',
  },
  'suppression-expired': {
    incomplete: false,
    meaning: 'Rules that suppress findings are past their day: what they ruled out is reported again.',
  },
  'suppression-unmatched': {
    incomplete: false,
    meaning: 'Rules that suppress findings match none: they are wrong, or no longer needed.',
  },
  'suppression-unreadable': {
    incomplete: false,
    meaning: 'A file with rules that suppress findings was changed and cannot be read: the rules before it still hold.',
  },
  'findings-hidden': {
    incomplete: false,
    meaning: 'The options --severity or --only-fixed hide findings. `counts` still counts them.',
  },
  'entries-outside-root': { incomplete: false, meaning: 'Archive members with names that climb out were ignored.' },
} as const;

export type DiagnosticCode = keyof typeof TABLE;

export const DIAGNOSTICS: Readonly<Record<DiagnosticCode, { readonly incomplete: boolean; readonly meaning: string }>> =
  TABLE;

export type Diagnostic = {
  readonly code: DiagnosticCode;
  /** What is wrong, in words for people. */
  readonly message: string;
  /** Where: a path in the image, a layer, a namespace or a source. */
  readonly where: string;
};

/** Tells whether findings may be missing from an answer that carries these diagnostics. */
export function isIncomplete(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => DIAGNOSTICS[diagnostic.code].incomplete);
}
