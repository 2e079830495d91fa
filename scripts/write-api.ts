/** Writes docs/reference/api-v1.md and docs/reference/api-v2.md. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apiPages } from './api-pages/api-pages.ts';

for (const { file, text } of await apiPages()) {
  writeFileSync(fileURLToPath(new URL(`../docs/reference/${file}`, import.meta.url)), text);
}
