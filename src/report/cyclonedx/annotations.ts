import type { Report } from '../../model/report/report.ts';
import { isIncomplete, diagnosticWords, summaryWords } from '../writing/finding-words.ts';
import { noteWords } from '../writing/library-words.ts';
import { printable } from '../../model/printable.ts';

/** Returns the summary, the diagnostics and the notes as annotations of the image. */
export function annotationsOf(report: Report, image: string): readonly object[] {
  const { clairVersion, createdAt, diagnostics, notes } = report;
  const annotator = { component: { type: 'application', name: 'clair', version: clairVersion } };
  const texts = [
    summaryWords(report),
    ...diagnostics.map((diagnostic) => `${diagnostic.incomplete ? 'WARNING' : 'Note'}  ${diagnosticWords(diagnostic)}`),
    ...notes.map(noteWords),
  ];
  if (isIncomplete(report)) texts.push('Packages or vulnerabilities may be missing.');
  return texts.map((text) => ({ subjects: [image], annotator, timestamp: createdAt, text: printable(text) }));
}
