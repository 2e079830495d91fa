import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { OBSOLETE_KINDS, type ObsoleteKind } from '../../database/contracts/retention.ts';
import { configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { databaseOption } from '../options/database-option.ts';
import { housekeepingSettings } from '../settings/housekeeping-settings.ts';
import { ClairError } from '../../errors.ts';
import { addTableOrJson, isGiven, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { printable } from '../../model/printable.ts';
import { countOf } from '../../model/counted-noun.ts';

type VacuumOptions = TableOrJson & { readonly config?: string; readonly db: string; readonly dryRun: boolean };

/** The maximum number of undelivered notifications that the output names. */
const MAX_NAMED = 20;

/** Creates `clair db vacuum`, which runs the housekeeping of the server once and compacts the database. */
export function vacuumCommand(console: Console): Command {
  const command = new Command('vacuum')
    .description('Delete expired data and compact the database.')
    .option('--dry-run', 'List what would be deleted, and delete nothing', false);
  addTableOrJson(command).addOption(configOption()).addOption(databaseOption());
  return addHelp(command, {
    examples: ['clair db vacuum --dry-run', 'clair db vacuum --config clair.yaml'],
    notes: ['--format and --output apply to the list of --dry-run.'],
  }).action(async (options: VacuumOptions, self: Command) => {
    const unused = ['format', 'output'].find((name) => isGiven(self, name));
    if (unused !== undefined && !options.dryRun) {
      throw new ClairError(
        'cli/usage',
        `--${unused} has no effect without --dry-run: add --dry-run, or remove --${unused}`,
      );
    }
    const { config, database } = await configOf(self, options, env);
    const clair = await composeClair(database);
    try {
      const { retention } = housekeepingSettings(config);
      const housekeeper = clair.housekeeper(retention);
      if (options.dryRun) {
        const preview = housekeeper.preview();
        await writeOutput(console, options, () =>
          options.format === 'json' ? jsonPieces(preview) : previewLines(preview),
        );
        return;
      }
      const { removed, undelivered } = await housekeeper.run(console.signal);
      console.out(`Deleted ${countsText((kind) => removed[kind])}.\n`);
      if (undelivered.length > 0) {
        const named = undelivered.slice(0, MAX_NAMED).join(', ');
        const more = undelivered.length > MAX_NAMED ? ', …' : '';
        console.err(`Deleted notifications that were never delivered: ${undelivered.length} (${named}${more}).\n`);
      }
      const before = await clair.store.sizes.space();
      await clair.store.sizes.compact();
      const { total } = await clair.store.sizes.space();
      console.out(`Compacted the database from ${megabytes(before.total)} to ${megabytes(total)}.\n`);
    } finally {
      await clair.close();
    }
  });
}

type Obsolete = { readonly kind: ObsoleteKind; readonly name: string };

/** Writes the list while it is read, because a change log can have millions of entries. */
async function* jsonPieces(obsolete: AsyncIterable<Obsolete>): AsyncGenerator<string> {
  yield '{\n  "obsolete": [';
  let separator = '\n    ';
  for await (const { kind, name } of obsolete) {
    yield `${separator}${JSON.stringify({ kind, name })}`;
    separator = ',\n    ';
  }
  yield '\n  ]\n}\n';
}

async function* previewLines(obsolete: AsyncIterable<Obsolete>): AsyncGenerator<string> {
  const counts = new Map<ObsoleteKind, number>();
  for await (const { kind, name } of obsolete) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    yield `${kind}: ${printable(name)}\n`;
  }
  yield `Would delete ${countsText((kind) => counts.get(kind) ?? 0)}.\n`;
}

function countsText(countOfKind: (kind: ObsoleteKind) => number): string {
  const counted = OBSOLETE_KINDS.map((kind) => ({ kind, count: countOfKind(kind) })).filter(({ count }) => count > 0);
  return counted.length === 0 ? 'nothing' : counted.map(({ kind, count }) => countOf(count, ...NOUNS[kind])).join(', ');
}

/** The noun of each kind, and its plural unless the plural is the noun with an `s`. */
const NOUNS: Readonly<Record<ObsoleteKind, readonly [noun: string, plural?: string]>> = {
  image: ['image'],
  layer: ['layer'],
  layer_contents: ['set of layer contents', 'sets of layer contents'],
  notification: ['notification'],
  update_notification: ['notification for Clair v4 clients', 'notifications for Clair v4 clients'],
  change_log: ['change log entry', 'change log entries'],
  program: ['list of Go functions', 'lists of Go functions'],
  feature: ['package'],
  line: ['version line'],
  namespace: ['namespace'],
};

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
