import type { Report } from '../../model/report/report.ts';
import { isIncomplete, diagnosticWords, summaryWords } from '../writing/finding-words.ts';
import { printable } from '../../model/printable.ts';

/** Returns the summary and the diagnostics as annotations of the image. */
export function annotationsOf(report: Report, image: string): readonly object[] {
  const { clairVersion, createdAt, diagnostics } = report;
  const annotator = { component: { type: 'application', name: 'clair', version: clairVersion } };
  const texts = [
    summaryWords(report),
    ...diagnostics.map((diagnostic) => `${diagnostic.incomplete ? 'WARNING' : 'Note'}  ${diagnosticWords(diagnostic)}`),
  ];
  if (isIncomplete(report)) texts.push('Packages or vulnerabilities may be missing.');
  return texts.map((text) => ({ subjects: [image], annotator, timestamp: createdAt, text: printable(text) }));
}
