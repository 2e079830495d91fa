import { cyclonedx } from './cyclonedx.ts';
import type { Format } from './format.ts';
import { gitlab } from './gitlab.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { openvex } from './openvex.ts';
import { sarif } from './sarif.ts';
import { spdx } from './spdx.ts';
import { table } from './table.ts';

/** The output formats; the first format is the default. */
export const FORMATS: readonly Format[] = [table, json, sarif, cyclonedx, spdx, junit, markdown, html, openvex, gitlab];
