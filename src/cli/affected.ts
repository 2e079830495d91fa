import { Command, InvalidArgumentError, Option } from 'commander';
import { composeClair } from '../compose.ts';
import { type BringingLayers, layersBringing } from '../report/bringing-layers.ts';
import { columnLines } from '../report/table/columns.ts';
import { printable } from '../report/table/printable.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { vulnerabilityArgument, vulnerabilityId } from './vulnerability-argument.ts';

type AffectedOptions = { readonly format: 'table' | 'json'; readonly limit: number; readonly db: string };

const HELP = `
A layer that only inherits a package is not listed: the layer below it is.

Exit status: 0 answered, 2 it could not be done, or no source knows the vulnerability.

Examples:
  clair affected CVE-2024-1234
  clair affected RHSA-2024:1234 --format json --limit 1000`;

/** `clair affected VULNERABILITY`: which known layers bring in a package that it affects. */
export function affectedCommand(console: Console): Command {
  return new Command('affected')
    .description('List the known layers that bring in a package with a vulnerability, and the packages.')
    .addArgument(vulnerabilityArgument())
    .addOption(new Option('--format <format>', 'how to write it').choices(['table', 'json']).default('table'))
    .addOption(new Option('--limit <number>', 'how many layers to list').argParser(limit).default(DEFAULT_LIMIT))
    .addOption(databaseOption())
    .addHelpText('after', HELP)
    .action(async (name: string, { format, limit: most, db }: AffectedOptions) => {
      const id = vulnerabilityId(name);
      const clair = await composeClair(databaseOptions(db));
      try {
        const answer = await layersBringing(clair.store, id, most);
        console.out(
          format === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : tableOf(answer, console.look?.columns),
        );
      } finally {
        await clair.close();
      }
    });
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

function tableOf({ id, layers, hasMore }: BringingLayers, columns: number | undefined): string {
  if (layers.length === 0) return `No known layer brings in a package that ${id} affects.\n`;
  const rows = layers.map(({ name, namespace, packages, topmostOf }) => [
    name,
    namespace ?? '-',
    packages.map((each) => `${each.name} ${each.version}`).join(', '),
    topmostOf.join(', '),
  ]);
  const all = [['Layer', 'Release', 'Packages', 'Topmost of'], ...rows];
  const lines = columnLines(
    all.map((cells) => cells.map((text) => ({ text: printable(text) }))),
    [2, 3],
    columns,
  );
  const more = hasMore ? `and more than these ${layers.length}: --limit lists them` : `${layers.length} layers`;
  return `${lines.join('\n')}\n${more}\n`;
}

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MAX_LIMIT) return number;
  throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIMIT}.`);
}
