/** Writes the table of the operating systems into docs/coverage.md, from the list of the distributions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withOperatingSystems } from './operating-system-table.ts';

const COVERAGE = fileURLToPath(new URL('../docs/coverage.md', import.meta.url));

writeFileSync(COVERAGE, withOperatingSystems(readFileSync(COVERAGE, 'utf8')));
