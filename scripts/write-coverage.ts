/** Writes the tables of the operating systems and of their support dates into docs/reference/coverage.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withOperatingSystems } from './operating-system-table.ts';
import { withSupportDates } from './support-date-table.ts';

const COVERAGE = fileURLToPath(new URL('../docs/reference/coverage.md', import.meta.url));

writeFileSync(COVERAGE, withSupportDates(withOperatingSystems(readFileSync(COVERAGE, 'utf8'))));
