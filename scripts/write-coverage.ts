/** Writes docs/reference/coverage.md from the lists of images, distributions, package databases, feeds and enrichers. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { coveragePage } from './coverage-page/coverage-page.ts';

writeFileSync(fileURLToPath(new URL('../docs/reference/coverage.md', import.meta.url)), coveragePage());
