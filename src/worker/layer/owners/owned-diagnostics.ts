import type { Diagnostic, DiagnosticCode } from '../../../model/report/diagnostic.ts';

/**
 * The diagnostics of a file that change when a distribution package owns the file, because the distribution's
 * advisories then apply: null for those that no longer matter.
 */
const WHEN_OWNED: Partial<Readonly<Record<DiagnosticCode, DiagnosticCode | null>>> = {
  'binary-unidentified': 'owned-binary-unidentified',
  'library-unreadable': null,
  'package-version-invalid': null,
};

/** Returns the files whose diagnostics depend on ownership. */
export function pathsOfDiagnostics(diagnostics: readonly Diagnostic[]): ReadonlySet<string> {
  return new Set(diagnostics.filter(({ code }) => WHEN_OWNED[code] !== undefined).map(({ where }) => where));
}

/** Returns the diagnostics of features, given which of their files are owned. */
export function withOwnership(
  diagnostics: readonly Diagnostic[],
  ownedPaths: ReadonlySet<string>,
): readonly Diagnostic[] {
  if (ownedPaths.size === 0) return diagnostics;
  return diagnostics.flatMap((diagnostic) => {
    const code = ownedPaths.has(diagnostic.where) ? WHEN_OWNED[diagnostic.code] : diagnostic.code;
    if (code === undefined) return [diagnostic];
    return code === null ? [] : [{ ...diagnostic, code }];
  });
}
