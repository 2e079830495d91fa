import type { Report } from '../model/report/report.ts';
import { createFormat, type Format } from './format.ts';
import { imageElements } from './spdx/image-elements.ts';
import { annotation } from './spdx/annotation.ts';
import { isIncomplete, diagnosticWords, summaryWords } from './writing/finding-words.ts';
import { uuidOf } from './writing/identity.ts';
import { repositoryOf } from './writing/image-name.ts';
import { jsonDocument } from './writing/json-document.ts';
import { printable } from '../model/printable.ts';
import { jsonPieces } from './writing/json-pieces.ts';

/**
 * The report as SPDX 2.3 in JSON (ISO/IEC 5962; docs/reference/formats.md). Several images are written as a single
 * document.
 */
export const spdx: Format = createFormat({
  id: 'spdx',
  mediaType: 'application/spdx+json',
  write: (report) => document([report]),
  writeAll: document,
});

function document(reports: readonly Report[]): Iterable<string> {
  const [first] = reports;
  const elements = reports.map(imageElements);
  const uuid = uuidOf(jsonPieces(reports));
  const created = secondOf(first?.createdAt ?? new Date(0).toISOString());
  return jsonDocument({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: printable(first === undefined ? 'images' : repositoryOf(first.target)) || 'image',
    documentNamespace: `urn:uuid:${uuid}`,
    creationInfo: { created, creators: [`Tool: clair-${first?.clairVersion ?? ''}`] },
    comment: printable(reports.map(commentOf).join(' ')),
    annotations: reports.flatMap((report) =>
      report.diagnostics.map((diagnostic) => {
        const kind = diagnostic.incomplete ? 'WARNING' : 'Note';
        return annotation(report, `${kind}  ${report.target.platform} ${diagnosticWords(diagnostic)}`);
      }),
    ),
    packages: elements.flatMap(({ packages }) => packages),
    relationships: elements.flatMap(({ relationships }) => relationships),
  });
}

/** Returns the comment of a report. The comment starts with a warning if the report is incomplete. */
function commentOf(report: Report): string {
  const warning = isIncomplete(report) ? 'INCOMPLETE: packages or vulnerabilities may be missing. ' : '';
  return `${warning}${summaryWords(report)}`;
}

/** Removes the fraction of a second, which SPDX 2.3 (6.9) does not permit. */
function secondOf(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
