import { ClairError } from '../../errors.ts';
import type { DiagnosticCode } from '../../model/report/diagnostic.ts';
import type { Report } from '../../model/report/report.ts';
import { meansUnchecked } from '../../model/report/unchecked-packages.ts';
import { diagnosticWords } from '../../report/writing/finding-words.ts';

/**
 * The codes of diagnostics about old or incomplete feeds; Clair checks all packages even with such feeds. The metadata
 * of the scanner lists the stale and failing feeds.
 */
const AGE_OF_DATA: ReadonlySet<DiagnosticCode> = new Set([
  'feed-stale',
  'feed-update-failed',
  'feed-update-refused',
  'feed-record-skipped',
]);

/**
 * Rejects a report that Harbor would show as complete although packages were not checked. Harbor shows only findings.
 * Therefore, a report without findings is also rejected for other diagnostics that mark the report as incomplete, such
 * as the end of life of the release, but not for {@link AGE_OF_DATA}.
 *
 * @throws ClairError `harbor/report-incomplete`
 */
export function refuseUnchecked({ diagnostics, findings }: Pick<Report, 'diagnostics' | 'findings'>): void {
  const reasons = diagnostics.filter(
    (each) => each.incomplete && (meansUnchecked(each) || (findings.length === 0 && !AGE_OF_DATA.has(each.code))),
  );
  if (reasons.length === 0) return;
  const shown = reasons.slice(0, MAX_SHOWN).map(diagnosticWords).join('; ');
  const more = reasons.length > MAX_SHOWN ? `; and ${reasons.length - MAX_SHOWN} more` : '';
  throw new ClairError('harbor/report-incomplete', `${shown}${more}`);
}

/**
 * The maximum number of diagnostics in the message, because an image can have thousands. Harbor shows the message in
 * the log of a scan.
 */
const MAX_SHOWN = 10;
