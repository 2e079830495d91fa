import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { env } from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { pino } from 'pino';
import { composeClair } from '../compose.ts';
import { defaultConfig } from '../config/config-file.ts';
import type { Config } from '../config/schema.ts';
import type { DatabaseOptions } from '../database/open-store.ts';
import { asClairError } from '../errors.ts';
import { ENRICHERS } from '../updater/enrichers/index.ts';
import { FETCHERS } from '../updater/fetchers/index.ts';
import { configOf, configOption } from './config-option.ts';
import type { Console } from './console.ts';
import { databaseOption } from './database-option.ts';
import { updaterPlan } from './updater-settings.ts';

type ServeOptions = {
  readonly config?: string;
  readonly db: string;
  readonly host?: string;
  readonly port?: number;
  readonly allowPath: readonly string[];
  readonly allowHost: readonly string[];
  readonly logLevel?: string;
  readonly updates: boolean;
};

/** `clair serve`: answers the HTTP API until it is told to stop. What a flag says wins over the configuration file. */
export function serveCommand(console: Console): Command {
  const { api, log } = defaultConfig();
  return new Command('serve')
    .description('Serve the HTTP API of docs/api.md on the embedded database.')
    .addOption(configOption())
    .option('--host <address>', `address to listen on (default: ${api.host})`)
    .option('--port <number>', `port to listen on; 0 takes a free one (default: ${api.port})`, parsePort)
    .option('--allow-path <directory...>', 'let clients name layers by path below this directory too', [])
    .option('--allow-host <host...>', 'let clients name layers by URL on this private name, address or range too', [])
    .option('--no-updates', 'leave the sources as they are, as with updater.interval: 0')
    .addOption(
      new Option(
        '--log-level <level>',
        `how much to log, as JSON lines on standard error (default: ${log.level})`,
      ).choices(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    )
    .addOption(databaseOption())
    .action(async (options: ServeOptions, command: Command) => {
      const { config, database } = await configOf(command, options, env);
      await serve(console, options, config, database);
    });
}

async function serve(
  console: Console,
  options: ServeOptions,
  config: Config,
  database: DatabaseOptions,
): Promise<void> {
  const { api, worker } = config;
  const { host = api.host, port = api.port, logLevel = config.log.level } = options;
  const plan = updaterPlan(
    config,
    [...FETCHERS, ...ENRICHERS].map(({ id }) => id),
  );
  const log = pino({ level: logLevel }, { write: console.err });
  const threads = worker.threads ?? availableParallelism();
  const clair = await composeClair(database, { threads, updater: plan.settings });
  try {
    const allowedPaths = [...worker.allowedPaths, ...options.allowPath];
    const allowedHosts = [...worker.allowedHosts, ...options.allowHost];
    const server = await clair.api({ allowedPaths, allowedHosts, log });
    try {
      const address = await server.listen({ host, port }).catch((error: unknown) => {
        throw asClairError(error, 'cli/usage', `cannot listen on ${host}:${port}`);
      });
      console.out(`Clair listens on ${address}\n`);
      const schedule = clair.schedule(options.updates ? plan.intervals : new Map(), log);
      try {
        if (!console.signal.aborted) await once(console.signal, 'abort');
      } finally {
        await schedule.stop();
      }
    } finally {
      await server.close();
    }
  } finally {
    await clair.close();
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 0 to 65535.');
}
