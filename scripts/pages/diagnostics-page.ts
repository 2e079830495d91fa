import { DIAGNOSTICS } from '../../src/model/report/diagnostic.ts';
import { generatedHead } from './generated-head.ts';
import { markdownTable } from './markdown-table.ts';

const INTRODUCTION = `${generatedHead('src/model/report/diagnostic.ts')}

# Diagnostics

A diagnostic is a machine-readable remark on a result: a \`code\`, a \`message\`, and \`where\` (a path, a layer, a namespace or a feed). A
diagnostic does not stop the analysis. Reports list diagnostics in \`diagnostics\`, the v1 API lists
them in \`Problems\`, and the terminal output shows them above the findings.

A diagnostic that makes the result _incomplete_ means that findings may be missing, and causes exit status 3.
[Completeness](../explanation/completeness.md) explains third-party packages, skipped entries, undecided findings and end of life.

`;

/** Returns the text of docs/reference/diagnostics.md. */
export function diagnosticsPage(): string {
  const rows = Object.entries(DIAGNOSTICS).map(([code, { incomplete, meaning, remedy }]) => [
    `\`${code}\``,
    incomplete ? 'yes' : 'no',
    meaning,
    remedy,
  ]);
  return `${INTRODUCTION}${markdownTable([['code', 'incomplete', 'when', 'what to do'], ...rows])}`;
}
