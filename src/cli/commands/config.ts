import { env } from 'node:process';
import { Command } from 'commander';
import { type LoadedConfig, loadConfig } from '../../config/config-file.ts';
import { configYaml, shownConfig } from '../../config/shown-config.ts';
import { parsePostgresAddress } from '../../database/engines/postgres/address.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { followSuppressionFiles } from '../../suppression/suppression-files.ts';
import { configOption } from '../options/config-option.ts';
import { addOutputOptions, type OutputOptions, writeOutput } from '../options/output-options.ts';
import { jsonText } from '../output/json-text.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { notifierSettings } from '../settings/notifier-settings.ts';
import { readClassifiers } from '../settings/classifier-file.ts';
import { accessSettings } from '../settings/server-settings.ts';
import { updaterPlan } from '../settings/updater-settings.ts';
import { printable } from '../../model/printable.ts';

type Options = { readonly config?: string };

/** Creates `clair config`, which checks or prints the configuration without starting a server. */
export function configCommand(console: Console): Command {
  return addHelp(new Command('config').description('Check or print the configuration of the server.'), {
    examples: ['clair config check --config clair.yaml', 'clair config print'],
  })
    .addCommand(checkCommand(console))
    .addCommand(printCommand(console));
}

function checkCommand(console: Console): Command {
  const command = new Command('check')
    .description('Check the configuration file, the environment and the files that they name.')
    .addOption(configOption());
  return addHelp(command, {
    examples: ['clair config check --config clair.yaml'],
    exitStatus: { 0: 'the configuration is valid', 2: 'the configuration is invalid; up to 20 errors are listed' },
  }).action(async (options: Options) => {
    const { config } = await checkedConfig(console, options);
    const { checkNotifier, checkRegistries, checkTlsFiles } = await import('../../compose/settings-checks.ts');
    const { tls } = accessSettings(config);
    if (tls !== undefined) await checkTlsFiles(tls);
    await checkNotifier(notifierSettings(config));
    await checkRegistries(config.worker.registries);
    if (config.worker.classifiers !== undefined) await readClassifiers(config.worker.classifiers);
    await followSuppressionFiles(config.suppression.files).current();
    for (const source of [config.database.source, config.database.replica]) {
      if (source !== undefined) parsePostgresAddress(source);
    }
    console.out(`${options.config ?? 'The environment'}: the configuration is valid.\n`);
  });
}

function printCommand(console: Console): Command {
  const command = new Command('print').description('Print the effective value of every key, with secrets masked.');
  return addHelp(addOutputOptions(command, ['yaml', 'json']).addOption(configOption()), {
    examples: ['clair config print', 'CLAIR_API_PORT=8080 clair config print --config clair.yaml'],
  }).action(async (options: Options & OutputOptions<'yaml' | 'json'>) => {
    const shown = shownConfig((await checkedConfig(console, options)).config);
    await writeOutput(console, options, () => [options.format === 'json' ? jsonText(shown) : configYaml(shown)]);
  });
}

async function checkedConfig(console: Console, { config: file }: Options): Promise<LoadedConfig> {
  const loaded = await loadConfig({ ...(file !== undefined && { file }), environment: env });
  updaterPlan(
    loaded.config,
    [...FETCHERS, ...ENRICHERS].map(({ id }) => id),
  );
  for (const notice of loaded.notices) console.err(`${printable(`${file ?? 'the environment'}: ${notice}`)}\n`);
  return loaded;
}
