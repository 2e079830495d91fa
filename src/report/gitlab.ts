import { printable } from '../model/printable.ts';
import type { Report } from '../model/report/report.ts';
import { createFormat, type Format, type Look } from './format.ts';
import { gitlabMessages } from './gitlab/messages.ts';
import { gitlabVulnerabilities } from './gitlab/vulnerabilities.ts';
import { isIncomplete } from './writing/finding-words.ts';
import { jsonDocument } from './writing/json-document.ts';

/**
 * The report in the format of GitLab's `container_scanning` report (GitLab, security-report-schemas;
 * docs/reference/formats.md). GitLab rejects a report if it contains a single invalid value.
 */
export const gitlab: Format = createFormat({
  id: 'gitlab',
  mediaType: 'application/json',
  write: (report, look) => document([report], look),
  writeAll: document,
});

/** GitLab has accepted this schema version since GitLab 15.5, and rejects reports with unknown schema versions. */
const SCHEMA_VERSION = '15.0.6';

function document(reports: readonly Report[], look?: Look): Iterable<string> {
  const [first] = reports;
  const program = {
    id: 'clair',
    name: 'Clair',
    version: printable(first?.clairVersion ?? '') || 'unknown',
    vendor: { name: 'Clair' },
  };
  // The start time and the end time in the document are equal. The schema permits neither fractions nor a time zone.
  const time = (first?.createdAt ?? new Date(0).toISOString()).slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return jsonDocument({
    version: SCHEMA_VERSION,
    scan: {
      type: 'container_scanning',
      status: reports.some(isIncomplete) ? 'failure' : 'success',
      start_time: time,
      end_time: time,
      analyzer: program,
      scanner: program,
      messages: reports.flatMap((report) => gitlabMessages(report, reports.length > 1)),
    },
    vulnerabilities: gitlabVulnerabilities(reports, look),
  });
}
