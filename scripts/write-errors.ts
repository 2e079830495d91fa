/** Writes docs/reference/errors.md from the table of errors. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './errors-page.ts';

writeFileSync(fileURLToPath(new URL('../docs/reference/errors.md', import.meta.url)), errorsPage());
