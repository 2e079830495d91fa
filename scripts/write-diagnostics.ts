/** Writes docs/reference/diagnostics.md from the table of diagnostics. */
import { writeFileSync } from 'node:fs';
import { diagnosticsPage } from './diagnostics-page.ts';

writeFileSync(new URL('../docs/reference/diagnostics.md', import.meta.url), diagnosticsPage());
