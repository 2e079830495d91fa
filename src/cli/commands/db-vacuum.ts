import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { OBSOLETE_KINDS, type ObsoleteKind } from '../../database/contracts/retention.ts';
import { configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { databaseOption } from '../options/database-option.ts';
import { housekeepingSettings } from '../settings/housekeeping-settings.ts';
import { printable } from '../../model/printable.ts';

type VacuumOptions = { readonly config?: string; readonly db: string; readonly dryRun: boolean };

/** `clair db vacuum`: the housekeeping of the server, at once, and what it freed given back to the disk. */
export function vacuumCommand(console: Console): Command {
  return new Command('vacuum')
    .description('Remove what is no longer kept, and give the room back to the disk.')
    .option('--dry-run', 'only list what would be removed', false)
    .addOption(configOption())
    .addOption(databaseOption())
    .action(async (options: VacuumOptions, command: Command) => {
      const { config, database } = await configOf(command, options, env);
      const clair = await composeClair(database);
      try {
        const { retention } = housekeepingSettings(config);
        const housekeeper = clair.housekeeper(retention);
        if (options.dryRun) {
          const counts = new Map<ObsoleteKind, number>();
          for await (const { kind, name } of housekeeper.preview()) {
            console.signal.throwIfAborted();
            console.out(`${kind}: ${printable(name)}\n`);
            counts.set(kind, (counts.get(kind) ?? 0) + 1);
          }
          console.out(`would be removed: ${countsText((kind) => counts.get(kind) ?? 0)}\n`);
          return;
        }
        const removed = await housekeeper.run(console.signal);
        console.out(`removed: ${countsText((kind) => removed[kind])}\n`);
        const before = await clair.store.sizes.space();
        await clair.store.sizes.compact();
        const { total } = await clair.store.sizes.space();
        console.out(`the database takes ${megabytes(total)}, before ${megabytes(before.total)}\n`);
      } finally {
        await clair.close();
      }
    });
}

function countsText(countOf: (kind: ObsoleteKind) => number): string {
  const counted = OBSOLETE_KINDS.map((kind) => ({ kind, count: countOf(kind) })).filter(({ count }) => count > 0);
  return counted.length === 0 ? 'nothing' : counted.map(({ kind, count }) => `${count} ${WORDS[kind]}`).join(', ');
}

const WORDS: Readonly<Record<ObsoleteKind, string>> = {
  image: 'images',
  layer: 'layers',
  layer_contents: 'layer contents',
  notification: 'notifications',
  change_log: 'changes',
  feature: 'packages',
  line: 'version lines',
  namespace: 'namespaces',
};

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
