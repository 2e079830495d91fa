import type { Diagnostic, DiagnosticCode } from '../../../model/report/diagnostic.ts';
import { dependsOnOwner, type FileDiagnostic, type StoredDiagnostic } from '../../../model/report/owned-diagnostics.ts';
import { judgeAtLayer, type OwnerEvidence } from './owner-evidence.ts';

/** A diagnostic of an image at a layer, with the packages that may own the file. */
export type FoundDiagnostic = FileDiagnostic & { readonly owner?: OwnerEvidence };

const MAX_DIAGNOSTICS = 200;

/** Returns the files whose diagnostics depend on ownership. */
export function pathsOfDiagnostics(diagnostics: readonly Diagnostic[]): ReadonlySet<string> {
  return new Set(diagnostics.filter(dependsOnOwner).map(({ where }) => where));
}

/** Adds the owners of files to the diagnostics that depend on ownership. */
export function withOwnership(
  diagnostics: readonly FileDiagnostic[],
  ofPaths: ReadonlyMap<string, OwnerEvidence>,
): readonly FoundDiagnostic[] {
  if (ofPaths.size === 0) return diagnostics;
  return diagnostics.map((diagnostic) => {
    const owner = dependsOnOwner(diagnostic) ? ofPaths.get(diagnostic.where) : undefined;
    return owner === undefined ? diagnostic : { ...diagnostic, owner };
  });
}

/**
 * Returns the diagnostics to store with a layer, with the namespaces of file owners. Beyond the limit, diagnostics of
 * owned files are left out first; the diagnostics that are left out are counted by code and namespace.
 *
 * @param originOf returns the index of the layer that added a package, given its `placeKey()`; undefined if the package
 * is not installed
 * @param namespace the namespace of the layer's release; empty if there is no release
 */
export function diagnosticsToStore(
  found: readonly FoundDiagnostic[],
  originOf: (key: string) => number | undefined,
  namespace: string,
): readonly StoredDiagnostic[] {
  const judged = found.map(({ owner, ...diagnostic }): StoredDiagnostic => {
    const judgedBy = owner === undefined ? '' : judgeAtLayer(owner, originOf, namespace);
    return judgedBy === '' ? diagnostic : { ...diagnostic, judgedBy };
  });
  return bounded(judged);
}

function bounded(diagnostics: readonly StoredDiagnostic[]): readonly StoredDiagnostic[] {
  if (diagnostics.length <= MAX_DIAGNOSTICS) return diagnostics;
  const ordered = [
    ...diagnostics.filter(({ judgedBy }) => judgedBy === undefined),
    ...diagnostics.filter(({ judgedBy }) => judgedBy !== undefined),
  ];
  const untold = new Map<string, { readonly code: DiagnosticCode; readonly judgedBy?: string; count: number }>();
  for (const { code, judgedBy } of ordered.slice(MAX_DIAGNOSTICS)) {
    const key = `${code} ${judgedBy ?? ''}`;
    const known = untold.get(key) ?? { code, ...(judgedBy !== undefined && { judgedBy }), count: 0 };
    known.count += 1;
    untold.set(key, known);
  }
  const rest = [...untold.values()].map(({ count, ...of }): StoredDiagnostic => {
    const what = count === 1 ? '1 more diagnostic' : `${count} more diagnostics`;
    return { ...of, message: `${what} of this kind`, where: 'layers' };
  });
  return [...ordered.slice(0, MAX_DIAGNOSTICS), ...rest];
}
