import type { DiagnosticCode } from './diagnostic.ts';

/**
 * The codes of diagnostics about packages that were not checked at all. Packages that were checked with old or partial
 * data have other diagnostics.
 */
const UNCHECKED: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  'distribution-unknown',
  'namespace-without-data',
  'package-database-missing',
  'package-database-removed',
  'package-database-unreadable',
  'package-limit-reached',
  'layer-absent',
]);

/**
 * Returns whether a diagnostic means that packages of the image were not checked at all. An API whose clients cannot
 * show diagnostics must not return a report that looks clean for an image with unchecked packages.
 */
export function meansUnchecked({ code }: { readonly code: DiagnosticCode }): boolean {
  return UNCHECKED.has(code);
}
