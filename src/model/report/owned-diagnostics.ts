import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';

export type FileDiagnostic = Diagnostic & {
  /** The coordinates (`GROUP:ARTIFACT`) that a Java library without a version may have. */
  readonly candidates?: readonly string[];
};

export type StoredDiagnostic = FileDiagnostic & {
  /**
   * The namespace of the distribution package that owns the file. While the advisories of this namespace replace
   * library advisories for files of distribution packages (`FeedStore.judges`), the diagnostic is replaced by a weaker
   * diagnostic or omitted.
   */
  readonly judgedBy?: string;
  /** The programs of unknown origin that the diagnostic counts, by the index of the layer. */
  readonly executables?: readonly { readonly layer: number; readonly count: number }[];
};

/**
 * The replacements of a file's diagnostics while the advisories of a distribution apply to the file, because a package
 * of the distribution owns the file. Null means that the diagnostic is omitted.
 */
const WHEN_JUDGED: Partial<Readonly<Record<DiagnosticCode, DiagnosticCode | null>>> = {
  'binary-unidentified': 'owned-binary-unidentified',
  'archive-unreadable': null,
  'library-unreadable': null,
  'library-version-unknown': null,
  'library-without-advisories': null,
  'package-version-invalid': null,
};

/** Returns whether a diagnostic of a file depends on the owner of the file. */
export function dependsOnOwner({ code }: Diagnostic): boolean {
  return WHEN_JUDGED[code] !== undefined;
}

/**
 * Returns the diagnostics to report.
 *
 * @param judges the namespaces whose advisories replace library advisories for files of distribution packages
 *   (`FeedStore.judges`)
 */
export function judgedDiagnostics(
  stored: readonly StoredDiagnostic[],
  judges: ReadonlySet<string>,
): readonly Diagnostic[] {
  return stored.flatMap((each): readonly Diagnostic[] => {
    const { judgedBy, executables: _, candidates: __, ...diagnostic } = each;
    if (judgedBy === undefined || !judges.has(judgedBy)) return [diagnostic];
    const code = WHEN_JUDGED[diagnostic.code];
    if (code === undefined) return [diagnostic];
    return code === null ? [] : [{ ...diagnostic, code }];
  });
}
