import type { Report } from '../../model/report/report.ts';
import { printable } from '../../model/printable.ts';

/** An annotation (SPDX 2.3, section 12). */
export type Annotation = {
  readonly annotationType: 'OTHER';
  readonly annotator: string;
  readonly annotationDate: string;
  readonly comment: string;
};

/** Creates an annotation with the time and the Clair version of a report. */
export function annotation({ clairVersion, createdAt }: Report, comment: string): Annotation {
  return {
    annotationType: 'OTHER',
    annotator: `Tool: clair-${clairVersion}`,
    annotationDate: createdAt.replace(/\.\d+Z$/, 'Z'),
    comment: printable(comment),
  };
}
