import type { Format } from './format.ts';
import { json } from './json.ts';
import { table } from './table.ts';

/** The list of the output formats; the first one is the default. */
export const FORMATS: readonly Format[] = [table, json];
