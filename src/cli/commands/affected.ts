import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { type AffectedBy, affectedBy } from '../../report/affected/affected-by.ts';
import { columnLines } from '../../report/table/columns.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { printable } from '../../model/printable.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { limitOption, listedText } from '../limit-option.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { addTableOrJson, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { vulnerabilityArgument, vulnerabilityId } from '../options/vulnerability-argument.ts';
import { jsonText } from '../output/json-text.ts';

type AffectedOptions = DatabaseChoice & TableOrJson & { readonly limit: number };

const HELP: HelpParts = {
  examples: ['clair affected CVE-2024-1234', 'clair affected RHSA-2024:1234 --format json --limit 1000'],
  notes: [
    'A layer is listed if it adds an affected package, not if it inherits the package.',
    'An image is listed if its topmost layer still has the package.',
  ],
  exitStatus: {
    0: 'the images and layers were listed',
    2: 'no feed lists the vulnerability, or the database could not be read',
  },
};

/** Creates `clair affected VULNERABILITY`, which lists the stored layers and images with an affected package. */
export function affectedCommand(console: Console): Command {
  const command = new Command('affected')
    .description('List the indexed images and layers that a vulnerability affects.')
    .addArgument(vulnerabilityArgument());
  addTableOrJson(command)
    .addOption(limitOption('List at most this many layers and this many images'))
    .addOption(configOption())
    .addOption(databaseOption());
  return addHelp(command, HELP).action(async (name: string, options: AffectedOptions, self: Command) => {
    const { format, limit: most } = options;
    const id = vulnerabilityId(name);
    const clair = await composeClair(await databaseOf(self, options, env));
    try {
      const answer = await affectedBy(clair.store, id, most);
      await writeOutput(console, options, (look) => [
        format === 'json' ? jsonText(answer) : tableOf(answer, look?.columns),
      ]);
    } finally {
      await clair.close();
    }
  });
}

function tableOf(answer: AffectedBy, columns: number | undefined): string {
  return `${layersTable(answer, columns)}\n${imagesTable(answer, columns)}`;
}

function layersTable({ id, layers, hasMore }: AffectedBy, columns: number | undefined): string {
  if (layers.length === 0) return `No indexed layer adds a package that ${id} affects.\n`;
  const rows = layers.map(({ name, namespace, packages, topmostOf }) => [
    name,
    namespace ?? '-',
    packagesText(packages),
    topmostOf.join(', '),
  ]);
  return (
    linesOf([['Layer', 'Release', 'Packages', 'Topmost layer of'], ...rows], [2, 3], columns) +
    `${listedText(layers.length, 'layer', hasMore)}\n`
  );
}

function imagesTable({ id, images, hasMoreImages }: AffectedBy, columns: number | undefined): string {
  if (images.length === 0) return `No indexed image has a package that ${id} affects.\n`;
  const rows = images.map(({ reference, platform, packages }) => [reference, platform, packagesText(packages)]);
  return (
    linesOf([['Image', 'Platform', 'Packages'], ...rows], [0, 2], columns) +
    `${listedText(images.length, 'image', hasMoreImages)}\n`
  );
}

type ShownPackage = {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly paths?: readonly string[];
};

/**
 * Lists packages with their versions, such as `libssl3 3.0.1`; for a library, adds the type and a path, such as `lodash
 * 4.17.0 (npm, app/node_modules/… and 2 more)`.
 */
function packagesText(packages: readonly ShownPackage[]): string {
  return packages.map((of) => `${of.name} ${of.version}${isLibrary(of) ? ` (${placeText(of)})` : ''}`).join(', ');
}

function placeText({ type, paths: [first, ...others] = [] }: ShownPackage): string {
  if (first === undefined) return type;
  return `${type}, ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

/** @param narrow the indices of the columns that can be narrower than their texts */
function linesOf(rows: readonly (readonly string[])[], narrow: readonly number[], columns: number | undefined): string {
  const cells = rows.map((row) => row.map((text) => ({ text: printable(text) })));
  return `${columnLines(cells, narrow, columns).join('\n')}\n`;
}
