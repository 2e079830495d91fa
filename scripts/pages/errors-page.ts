import { statusOfKind } from '../../src/api/error-response.ts';
import { EXIT_STATUS } from '../../src/cli/exit-status.ts';
import { HARBOR_ERRORS } from '../../src/errors/harbor-errors.ts';
import { WEBHOOK_ERRORS } from '../../src/errors/webhook-errors.ts';
import { IMAGE_ERRORS } from '../../src/errors/image-errors.ts';
import { OPERATION_ERRORS } from '../../src/errors/operation-errors.ts';
import { REQUEST_ERRORS } from '../../src/errors/request-errors.ts';
import type { ErrorEntry } from '../../src/errors/error-entry.ts';
import { generatedHead } from './generated-head.ts';
import { markdownTable } from './markdown-table.ts';

const HEAD = `${generatedHead('src/errors')}

# Errors

Every failure has a stable code. The command line prints \`clair: MESSAGE\`, then the remedy with the code in brackets, and exits
with the status below. The \`/v2\` API returns \`{"error": {"code", "message", "remedy"}}\` with the HTTP status below. The v1, Clair v4
and Harbor APIs use other statuses for some codes ([api-v1.md](api-v1.md), [api-v4.md](api-v4.md), [api-harbor.md](api-harbor.md)).
`;

const SECTIONS: readonly (readonly [string, Readonly<Record<string, ErrorEntry>>])[] = [
  ['API requests', REQUEST_ERRORS],
  ['Images, registries and submissions', IMAGE_ERRORS],
  ['Scanner adapter for Harbor', HARBOR_ERRORS],
  ['Webhooks of registries', WEBHOOK_ERRORS],
  ['Feeds, database, server and command line', OPERATION_ERRORS],
];

/** Returns docs/reference/errors.md: every error code with its condition, HTTP status, exit status and remedy. */
export function errorsPage(): string {
  const sections = SECTIONS.map(([title, errors]) => {
    const rows = Object.entries(errors).map(([code, { kind, when, remedy }]) => {
      const exit = kind === 'internal' ? EXIT_STATUS.defect : EXIT_STATUS.failed;
      return [`\`${code}\``, when, String(statusOfKind(kind)), String(exit), remedy];
    });
    return `\n## ${title}\n\n${markdownTable([['Code', 'When', 'HTTP', 'Exit', 'What to do'], ...rows])}`;
  });
  return `${HEAD}${sections.join('')}`;
}
