import { env } from 'node:process';
import { type Command, Option } from 'commander';
import { type ApiClient, type ApiClientOptions, openApiClient } from '../../client/api-client.ts';
import { firstBytes } from '../../config/bounded-file.ts';
import { loadConfig } from '../../config/config-file.ts';
import type { Environment } from '../../config/environment.ts';
import { asClairError, ClairError } from '../../errors.ts';
import { clairVersion } from '../../version.ts';
import { configOption } from './config-option.ts';

/** What the options that {@link addServerOptions} adds are set to. */
export type ServerOptions = {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly config?: string;
};

/** A token has some hundred bytes. */
const MAX_TOKEN_BYTES = 64 * 1024;

/** Adds the options of every command that asks a server. */
export function addServerOptions(command: Command): Command {
  const server = new Option('--server <URL>', 'address of the server, as in https://clair.example:6060');
  return command
    .optionsGroup('Server:')
    .addOption(env['CLAIR_SERVER'] === '' ? server : server.env('CLAIR_SERVER'))
    .option('--token-file <file>', 'file that holds the bearer token for it, instead of CLAIR_TOKEN')
    .option('--ca <file>', 'authorities that it is judged by (PEM), instead of the usual ones')
    .option('--cert <file>', 'certificate to show to it (PEM); needs --key')
    .option('--key <file>', 'private key of that certificate (PEM)')
    .addOption(configOption());
}

/**
 * Makes the client of the server that is named, does the work with it, and closes it. A server of an option or of
 * `CLAIR_SERVER` gets nothing of the section `client` of the configuration, which is for the server that stands there.
 *
 * @throws ClairError `cli/usage` when no server is named, `config/invalid`, and what the work throws
 */
export async function withServer<Result>(
  options: ServerOptions,
  environment: Environment,
  work: (client: ApiClient) => Promise<Result>,
): Promise<Result> {
  const client = await openApiClient({ ...(await serverNamed(options, environment)), version: clairVersion() });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function serverNamed(
  { server, tokenFile, ca, cert, key, config: file }: ServerOptions,
  environment: Environment,
): Promise<Omit<ApiClientOptions, 'version'>> {
  const configured =
    server === undefined
      ? (await loadConfig({ ...(file !== undefined && { file }), environment })).config.client
      : { server };
  if (configured.server === undefined) {
    throw new ClairError('cli/usage', 'no server is named: name it by --server, CLAIR_SERVER or client.server');
  }
  const { server: address, token, ...certificates } = configured;
  return {
    address,
    token: tokenFile === undefined ? environment['CLAIR_TOKEN'] || token : await tokenIn(tokenFile),
    certificates: {
      ...certificates,
      ...(ca !== undefined && { cafile: ca }),
      ...(cert !== undefined && { certfile: cert }),
      ...(key !== undefined && { keyfile: key }),
    },
  };
}

async function tokenIn(path: string): Promise<string> {
  try {
    return (await firstBytes(path, MAX_TOKEN_BYTES)).toString('utf8').trim();
  } catch (error) {
    throw asClairError(error, 'cli/usage', `--token-file: cannot read ${path}`);
  }
}
