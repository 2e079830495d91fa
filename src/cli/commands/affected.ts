import { Command, InvalidArgumentError, Option } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { type AffectedBy, affectedBy } from '../../report/affected/affected-by.ts';
import { columnLines } from '../../report/table/columns.ts';
import { printable } from '../../model/printable.ts';
import type { Console } from '../console.ts';
import { databaseOption, databaseOptions } from '../options/database-option.ts';
import { vulnerabilityArgument, vulnerabilityId } from '../options/vulnerability-argument.ts';
import { jsonText } from '../output/json-text.ts';

type AffectedOptions = { readonly format: 'table' | 'json'; readonly limit: number; readonly db: string };

const HELP = `
A layer that only inherits a package is not listed: the layer below it is. An image is, whichever of its layers brought the
package in, unless one above has removed or upgraded it.

Exit status: 0 answered, 2 it could not be done, or no source knows the vulnerability.

Examples:
  clair affected CVE-2024-1234
  clair affected RHSA-2024:1234 --format json --limit 1000`;

/** `clair affected VULNERABILITY`: which known layers bring in a package that it affects, and which images have one. */
export function affectedCommand(console: Console): Command {
  return new Command('affected')
    .description('List the known layers that bring in a package with a vulnerability, and the images that have one.')
    .addArgument(vulnerabilityArgument())
    .addOption(new Option('--format <format>', 'how to write it').choices(['table', 'json']).default('table'))
    .addOption(
      new Option('--limit <number>', 'how many layers, and how many images, to list')
        .argParser(limit)
        .default(DEFAULT_LIMIT),
    )
    .addOption(databaseOption())
    .addHelpText('after', HELP)
    .action(async (name: string, { format, limit: most, db }: AffectedOptions) => {
      const id = vulnerabilityId(name);
      const clair = await composeClair(databaseOptions(db));
      try {
        const answer = await affectedBy(clair.store, id, most);
        console.out(format === 'json' ? jsonText(answer) : tableOf(answer, console.look?.columns));
      } finally {
        await clair.close();
      }
    });
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

function tableOf(answer: AffectedBy, columns: number | undefined): string {
  return `${layersTable(answer, columns)}\n${imagesTable(answer, columns)}`;
}

function layersTable({ id, layers, hasMore }: AffectedBy, columns: number | undefined): string {
  if (layers.length === 0) return `No known layer brings in a package that ${id} affects.\n`;
  const rows = layers.map(({ name, namespace, packages, topmostOf }) => [
    name,
    namespace ?? '-',
    packagesText(packages),
    topmostOf.join(', '),
  ]);
  return (
    linesOf([['Layer', 'Release', 'Packages', 'Topmost of'], ...rows], [2, 3], columns) +
    countOf('layer', layers, hasMore)
  );
}

function imagesTable({ id, images, hasMoreImages }: AffectedBy, columns: number | undefined): string {
  if (images.length === 0) return `No indexed image has a package that ${id} affects.\n`;
  const rows = images.map(({ reference, platform, packages }) => [reference, platform, packagesText(packages)]);
  return (
    linesOf([['Image', 'Platform', 'Packages'], ...rows], [0, 2], columns) + countOf('image', images, hasMoreImages)
  );
}

function packagesText(packages: readonly { readonly name: string; readonly version: string }[]): string {
  return packages.map(({ name, version }) => `${name} ${version}`).join(', ');
}

/** @param narrow the columns that may be made narrower than their texts */
function linesOf(rows: readonly (readonly string[])[], narrow: readonly number[], columns: number | undefined): string {
  const cells = rows.map((row) => row.map((text) => ({ text: printable(text) })));
  return `${columnLines(cells, narrow, columns).join('\n')}\n`;
}

function countOf(what: string, listed: readonly unknown[], hasMore: boolean): string {
  if (hasMore) return `and more than these ${listed.length}: --limit lists them\n`;
  return `${listed.length} ${what}${listed.length === 1 ? '' : 's'}\n`;
}

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAX_LIMIT) return number;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIMIT}.`);
}
