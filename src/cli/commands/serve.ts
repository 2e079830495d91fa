import { once } from 'node:events';
import type { Server } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { env } from 'node:process';
import { Command, InvalidArgumentError, Option } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { defaultConfig } from '../../config/config-file.ts';
import { isHostNotation } from '../../config/host-notation.ts';
import { asClairError } from '../../errors.ts';
import { ENRICHERS } from '../../updater/enrichers/index.ts';
import { FETCHERS } from '../../updater/fetchers/index.ts';
import { type CommandConfig, configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { databaseOption, databaseText } from '../options/database-option.ts';
import { nameList, pathList } from '../options/list-option.ts';
import { parsePartialFetch } from '../../worker/parts/parts-scope.ts';
import { readClassifiers } from '../settings/classifier-file.ts';
import { housekeepingSettings } from '../settings/housekeeping-settings.ts';
import { notifierSettings } from '../settings/notifier-settings.ts';
import { replicaLog } from '../settings/replica-log.ts';
import { createServerLog, ORIGINAL_LEVELS } from '../settings/server-log.ts';
import { openServerFolder } from '../settings/server-folder.ts';
import { accessSettings, isOpenToAll, shutdownTimeout } from '../settings/server-settings.ts';
import { closeServer, stopBackground, stopServer } from '../settings/server-stop.ts';
import { updaterPlan } from '../settings/updater-settings.ts';

type ServeOptions = {
  readonly config?: string;
  readonly db: string;
  readonly host?: string;
  readonly port?: number;
  /** The health port; false with `--no-health-port`. */
  readonly healthPort?: number | false;
  readonly apiHost: readonly string[];
  readonly allowPath: readonly string[];
  readonly allowHost: readonly string[];
  readonly logLevel?: string;
  readonly updates: boolean;
};

/**
 * Creates `clair serve`, which serves the HTTP API and the web UI until it receives a signal. Options override the
 * configuration file.
 */
export function serveCommand(console: Console): Command {
  const { api, log } = defaultConfig();
  const command = new Command('serve')
    .description('Run the server with its HTTP API and web UI.')
    .addOption(configOption())
    .option('--host <address>', `Listen on this address (default: ${api.host})`)
    .option('--port <number>', `Listen on this port; 0 selects a free port (default: ${api.port})`, parsePort)
    .option(
      '--health-port <number>',
      `Serve health checks and metrics on this port (default: ${api.healthport})`,
      parsePort,
    )
    .option('--no-health-port', 'Do not listen on a health port')
    .option('--api-host <hosts>', 'Also accept requests for these host names (list)', nameList, [])
    .option(
      '--allow-path <directory>',
      'Let clients submit layers by path from this directory (repeatable)',
      pathList,
      [],
    )
    .option('--allow-host <hosts>', 'Allow access to these private hosts or address ranges (list)', nameList, [])
    .option('--no-updates', 'Do not update feeds; overrides updater.interval and updater.intervals')
    .addOption(
      new Option('--log-level <level>', `Log level; JSON lines go to standard error (default: ${log.level})`).choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'silent',
        ...Object.keys(ORIGINAL_LEVELS),
      ]),
    )
    .addOption(databaseOption());
  return addHelp(command, HELP).action(async (options: ServeOptions, self: Command) => {
    await serve(console, options, await configOf(self, options, env));
  });
}

const HELP: HelpParts = {
  examples: [
    'clair serve',
    'clair serve --config clair.yaml',
    'clair serve --host 0.0.0.0 --db postgres://clair@db.example/clair',
  ],
  notes: ['Options override environment variables (CLAIR_SECTION_KEY), which override the configuration file.'],
  exitStatus: { 0: 'a signal stopped the server', 2: 'the server could not start' },
};

const MIB = 1024 * 1024;

/** Runs the server with its own folder for temporary files, and removes the folders of killed servers. */
async function serve(console: Console, options: ServeOptions, loaded: CommandConfig): Promise<void> {
  const folder = await openServerFolder(tmpdir()).catch((error: unknown) => {
    throw asClairError(error, 'server/no-temporary-directory', `cannot create a directory in ${tmpdir()}`);
  });
  const { TMPDIR: former } = env;
  // Threads and programs that start later create their temporary files in the folder of `TMPDIR`.
  env['TMPDIR'] = folder.path;
  try {
    await serveIn(console, options, loaded);
  } finally {
    if (former === undefined) delete env['TMPDIR'];
    else env['TMPDIR'] = former;
    await folder.close();
  }
}

async function serveIn(
  console: Console,
  options: ServeOptions,
  { config, notices, database }: CommandConfig,
): Promise<void> {
  const { api, worker } = config;
  const { host = api.host, port = api.port, healthPort = api.healthport, logLevel = config.log.level } = options;
  const plan = updaterPlan(
    config,
    [...FETCHERS, ...ENRICHERS].map(({ id }) => id),
  );
  const log = createServerLog(ORIGINAL_LEVELS[logLevel] ?? logLevel, console.err);
  for (const notice of notices) log.warn({ file: options.config, notice }, 'configuration notice');
  if (isOpenToAll(config, host)) log.warn({ host }, 'every client has full access: set api.auth.psk or api.cafile');
  const classifiers = worker.classifiers === undefined ? [] : await readClassifiers(worker.classifiers);
  const clair = await composeClair(database, {
    classifiers,
    hasFileDigests: worker.fileDigests,
    threads: worker.threads ?? availableParallelism(),
    areThreadsStarted: true,
    updater: plan.settings,
    suppressionFiles: config.suppression.files,
    useNotRecorded: (error) => log.warn({ err: error }, 'could not record which layers were used'),
    replicaChanged: replicaLog(log),
    ...(config.tracing.endpoint !== undefined && {
      tracing: {
        endpoint: config.tracing.endpoint,
        service: config.tracing.service,
        failed: (reason) => log.warn({ reason }, 'traces not sent'),
      },
    }),
  });
  log.info({ database: databaseText(database) }, 'database opened');
  let isServing = false;
  let isStopped = false;
  try {
    // A server with an invalid notification channel must fail before it accepts requests.
    const notifier = await clair.notifier(notifierSettings(config), log);
    try {
      const server = await clair.api({
        ...accessSettings(config),
        hosts: [...api.hosts, ...options.apiHost, ...(isHostNotation(host) ? [host] : [])],
        allowedPaths: [...worker.allowedPaths, ...options.allowPath],
        allowedHosts: [...worker.allowedHosts, ...options.allowHost],
        registries: worker.registries,
        reading: {
          readers: worker.submissions,
          minimumRate: worker.minimumRate,
          partialFetch: worker.partialFetch.flatMap((each) => parsePartialFetch(each) ?? []),
        },
        v4: { incomplete: config.v4.incomplete, maxManifests: config.v4.requests },
        harbor: config.harbor,
        webhooks: config.webhooks,
        selectedFeeds: plan.feeds,
        temporaryBytes: worker.temporarySpace * MIB,
        log,
      });
      const health = clair.healthServer({ isServing: () => isServing, log });
      try {
        // The health port opens first, so that the health port can report that the API is not ready.
        if (typeof healthPort === 'number') await listen(health, host, healthPort);
        const address = await server.listen({ host, port }).catch((error: unknown) => {
          throw asClairError(error, 'cli/usage', `cannot listen on ${host}:${port}`);
        });
        isServing = true;
        console.out(`Clair listens on ${address}\n`);
        notifier.start();
        const schedule = clair.schedule(options.updates ? plan.intervals : new Map(), log);
        const housekeeping = clair.housekeeping(housekeepingSettings(config), log);
        const counting = clair.counting(log);
        const files = clair.fileIndexing(log);
        try {
          if (!console.signal.aborted) await once(console.signal, 'abort');
        } finally {
          isServing = false;
          const timeout = shutdownTimeout(config);
          await Promise.all([
            stopBackground([schedule.stop(), notifier.stop(), housekeeping.stop(), counting.stop(), files.stop()], {
              timeout,
              log,
            }),
            stopServer({ server, abandon: clair.abandon, timeout, log }),
          ]);
          isStopped = true;
        }
      } finally {
        health.close();
        health.closeAllConnections();
        // After a regular stop, `stopServer` has already closed the server or abandoned the server after the timeout.
        if (!isStopped) await closeServer({ server, log });
      }
    } catch (error) {
      await stopBackground([notifier.stop()], { timeout: shutdownTimeout(config), log });
      throw error;
    }
  } finally {
    await clair.close();
  }
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw asClairError(error, 'cli/usage', `cannot listen on the health port ${host}:${port}`);
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be an integer from 0 to 65535.');
}
