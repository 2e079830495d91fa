import type { ReportSnapshot } from '../../../database/contracts/store.ts';
import { UNHASHED_STATE, UNKNOWN_STATE } from '../../../model/advisories/watched-file.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { fileWords } from '../../writing/file-words.ts';

/** The maximum number of files that a diagnostic names. */
const MAX_NAMED = 5;

/**
 * Returns the diagnostics about file rules that do not apply yet, and about files whose state is unknown.
 *
 * @param files the stored states of the watched files in the layer
 * @param pending the number of file rules that do not apply yet
 */
export async function fileDiagnostics(
  { fileRules }: Pick<ReportSnapshot, 'fileRules'>,
  files: readonly LocatedFeature[],
  pending: number,
): Promise<readonly Diagnostic[]> {
  const stateless = files.filter(({ feature: { version } }) => version === UNKNOWN_STATE || version === UNHASHED_STATE);
  if (stateless.length === 0) return pendingDiagnostic(pending);
  // The files of deleted rules remain stored for a while.
  const watched = new Set((await fileRules.watched()).files.map(({ name }) => name));
  const named = stateless.filter(({ feature }) => watched.has(feature.name));
  const namesOf = (state: string): readonly string[] =>
    named.filter(({ feature }) => feature.version === state).map(({ feature }) => feature.name);
  return [
    ...pendingDiagnostic(pending),
    ...unknownDiagnostic(namesOf(UNKNOWN_STATE)),
    ...unhashedDiagnostic(namesOf(UNHASHED_STATE)),
  ];
}

function pendingDiagnostic(pending: number): readonly Diagnostic[] {
  if (pending === 0) return [];
  const [rules, their] =
    pending === 1 ? ['1 file rule does not apply yet', 'its'] : [`${pending} file rules do not apply yet`, 'their'];
  const message = `${rules}: not all stored layers have been searched for ${their} files`;
  return [{ code: 'file-rule-pending', message, where: 'file rules' }];
}

function unknownDiagnostic(names: readonly string[]): readonly Diagnostic[] {
  if (names.length === 0) return [];
  const message = `could not determine whether the image contains these files of file rules: ${listed(names)}`;
  return [{ code: 'file-state-unknown', message, where: 'layers' }];
}

function unhashedDiagnostic(names: readonly string[]): readonly Diagnostic[] {
  if (names.length === 0) return [];
  const message = `the image was not checked for ${listed(names)}: layers were indexed without file digests; set worker.fileDigests, then run clair reindex`;
  return [{ code: 'file-digests-missing', message, where: 'layers' }];
}

function listed(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more files` : '';
  return `${names.slice(0, MAX_NAMED).map(fileWords).join(', ')}${more}`;
}
