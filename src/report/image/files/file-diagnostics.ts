import type { ReportSnapshot } from '../../../database/contracts/store.ts';
import { UNKNOWN_STATE } from '../../../model/advisories/file-rule.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';

/** The number of files that a diagnostic names. */
const MAX_NAMED = 5;

/**
 * Returns the diagnostics of file rules: rules that do not apply yet, and files whose state is unknown.
 *
 * @param files the files of rules at the layer, as stored
 */
export async function fileDiagnostics(
  { fileRules }: Pick<ReportSnapshot, 'fileRules'>,
  files: readonly LocatedFeature[],
): Promise<readonly Diagnostic[]> {
  const pending = await fileRules.countPending();
  const doubted = files.filter(({ feature }) => feature.version === UNKNOWN_STATE);
  return [...pendingDiagnostic(pending), ...(doubted.length === 0 ? [] : await unknownDiagnostic(fileRules, doubted))];
}

function pendingDiagnostic(pending: number): readonly Diagnostic[] {
  if (pending === 0) return [];
  const rules = pending === 1 ? '1 file rule does not apply yet' : `${pending} file rules do not apply yet`;
  const message = `${rules}: the stored layers are being searched for their files`;
  return [{ code: 'file-rule-pending', message, where: 'file rules' }];
}

/** The points of deleted rules stay for a while. */
async function unknownDiagnostic(
  fileRules: ReportSnapshot['fileRules'],
  doubted: readonly LocatedFeature[],
): Promise<readonly Diagnostic[]> {
  const watched = new Set((await fileRules.watched()).files.map(({ name }) => name));
  const names = doubted.map(({ feature }) => feature.name).filter((name) => watched.has(name));
  if (names.length === 0) return [];
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more files` : '';
  const named = `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
  const message = `file rules are about ${named}; whether the image contains them is unknown`;
  return [{ code: 'file-state-unknown', message, where: 'layers' }];
}
