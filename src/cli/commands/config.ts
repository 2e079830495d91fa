import { env } from 'node:process';
import { Command } from 'commander';
import { type LoadedConfig, loadConfig } from '../../config/config-file.ts';
import { shownConfig } from '../../config/shown-config.ts';
import { parsePostgresAddress } from '../../database/engines/postgres/address.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { followSuppressionFiles } from '../../suppression/suppression-files.ts';
import { configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { notifierSettings } from '../settings/notifier-settings.ts';
import { accessSettings } from '../settings/server-settings.ts';
import { updaterPlan } from '../settings/updater-settings.ts';
import { printable } from '../../model/printable.ts';

type Options = { readonly config?: string };

/** `clair config`: what is configured, by the file and the environment, before a server is started with it. */
export function configCommand(console: Console): Command {
  const command = new Command('config').description(
    'Check or show what the configuration file and the environment say.',
  );
  command
    .command('check')
    .description('Say all that is wrong with the configuration, and what should be known of it.')
    .addOption(configOption())
    .action(async (options: Options) => {
      const { config } = await checkedConfig(console, options);
      const { checkNotifier, checkRegistries, checkTlsFiles } = await import('../../compose/settings-checks.ts');
      const { tls } = accessSettings(config);
      if (tls !== undefined) await checkTlsFiles(tls);
      await checkNotifier(notifierSettings(config));
      await checkRegistries(config.worker.registries);
      await followSuppressionFiles(config.suppression.files).current();
      if (config.database.source !== undefined) parsePostgresAddress(config.database.source);
      console.out(`${options.config ?? 'the environment'} is a valid configuration\n`);
    });
  command
    .command('print')
    .description('Show every key as it holds, with a mask in the place of each secret.')
    .addOption(configOption())
    .action(async (options: Options) => {
      console.out(shownConfig((await checkedConfig(console, options)).config));
    });
  return command;
}

async function checkedConfig(console: Console, { config: file }: Options): Promise<LoadedConfig> {
  const loaded = await loadConfig({ ...(file !== undefined && { file }), environment: env });
  updaterPlan(
    loaded.config,
    [...FETCHERS, ...ENRICHERS].map(({ id }) => id),
  );
  for (const notice of loaded.notices) console.err(`${printable(`${file}: ${notice}`)}\n`);
  return loaded;
}
