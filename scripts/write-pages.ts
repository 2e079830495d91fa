/** Writes the files that are generated from code: the pages of docs/reference and config.example.yaml. */
import { writeFileSync } from 'node:fs';
import { generatedPages } from './pages/generated-pages.ts';

for (const { path, text } of await generatedPages()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
