/** Writes docs/reference/configuration.md and config.example.yaml from the schema in src/config. */
import { writeFileSync } from 'node:fs';
import { configurationPage, exampleConfiguration } from './configuration-page.ts';

writeFileSync(new URL('../docs/reference/configuration.md', import.meta.url), configurationPage());
writeFileSync(new URL('../config.example.yaml', import.meta.url), exampleConfiguration());
