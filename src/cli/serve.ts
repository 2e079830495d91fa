import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { pino } from 'pino';
import { composeClair } from '../compose.ts';
import { asClairError } from '../errors.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';

/** The port of the original's API. */
const DEFAULT_PORT = 6060;

type ServeOptions = {
  readonly db: string;
  readonly host: string;
  readonly port: number;
  readonly allowPath: readonly string[];
  readonly allowHost: readonly string[];
  readonly logLevel: string;
};

/** `clair serve`: answers the HTTP API until it is told to stop. */
export function serveCommand(console: Console): Command {
  return new Command('serve')
    .description('Serve the HTTP API of docs/api.md on the embedded database.')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, DEFAULT_PORT)
    .option('--allow-path <directory...>', 'let clients name layers by path below this directory', [])
    .option('--allow-host <host...>', 'let clients name layers by URL on this private name, address or CIDR range', [])
    .addOption(
      new Option('--log-level <level>', 'how much to log, as JSON lines on standard error')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .addOption(databaseOption())
    .action((options: ServeOptions) => serve(console, options));
}

async function serve(console: Console, options: ServeOptions): Promise<void> {
  const { db, host, port, allowPath, allowHost, logLevel } = options;
  const log = pino({ level: logLevel }, { write: console.err });
  const clair = await composeClair(databaseOptions(db));
  try {
    const server = await clair.api({ allowedPaths: allowPath, allowedHosts: allowHost, log });
    try {
      const address = await server.listen({ host, port }).catch((error: unknown) => {
        throw asClairError(error, 'cli/usage', `cannot listen on ${host}:${port}`);
      });
      console.out(`Clair listens on ${address}\n`);
      if (!console.signal.aborted) await once(console.signal, 'abort');
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
