/** Writes the tables of docs/api.md, from the OpenAPI document that the server makes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withApiTables } from './api-tables.ts';
import { openApiDocument } from './openapi-document.ts';

const PAGE = fileURLToPath(new URL('../docs/api.md', import.meta.url));

writeFileSync(PAGE, withApiTables(readFileSync(PAGE, 'utf8'), await openApiDocument()));
