import type { Report } from '../../model/report/report.ts';
import { printable } from '../../model/printable.ts';

/** What SPDX calls an annotation: a remark of Clair on an element (SPDX 2.3, section 12). */
export type Annotation = {
  readonly annotationType: 'OTHER';
  readonly annotator: string;
  readonly annotationDate: string;
  readonly comment: string;
};

/** Makes the remark, of the moment and by the version that made the report. */
export function annotation({ clairVersion, createdAt }: Report, comment: string): Annotation {
  return {
    annotationType: 'OTHER',
    annotator: `Tool: clair-${clairVersion}`,
    annotationDate: createdAt.replace(/\.\d+Z$/, 'Z'),
    comment: printable(comment),
  };
}
