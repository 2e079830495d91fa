/** Writes the table of the configuration keys into docs/operating.md, and config.example.yaml, from the schema. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exampleConfiguration, withConfigurationKeys } from './configuration-table.ts';

const OPERATING = fileURLToPath(new URL('../docs/operating.md', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../config.example.yaml', import.meta.url));

writeFileSync(OPERATING, withConfigurationKeys(readFileSync(OPERATING, 'utf8')));
writeFileSync(EXAMPLE, exampleConfiguration());
