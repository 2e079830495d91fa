import { env } from 'node:process';
import { type Command, Option } from 'commander';
import { type ApiClient, type ApiClientOptions, openApiClient } from '../../client/api-client.ts';
import { firstBytes } from '../../config/bounded-file.ts';
import { loadConfig } from '../../config/config-file.ts';
import type { Environment } from '../../config/environment.ts';
import { asClairError, ClairError } from '../../errors.ts';
import { clairVersion } from '../../version.ts';
import { configOption } from './config-option.ts';

/** The values of the options that {@link addServerOptions} adds. */
export type ServerOptions = {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly config?: string;
};

/** The size limit of a token file; a token is a few hundred bytes. */
const MAX_TOKEN_BYTES = 64 * 1024;

/** Adds the options of every command that calls a server. */
export function addServerOptions(command: Command): Command {
  const server = new Option('--server <URL>', 'Server address, such as https://clair.example:6060');
  return command
    .optionsGroup('Server:')
    .addOption(env['CLAIR_SERVER'] === '' ? server : server.env('CLAIR_SERVER'))
    .option('--token-file <file>', 'Read the bearer token from this file instead of CLAIR_TOKEN')
    .option('--ca <file>', 'Trust only the CA certificates in this PEM file')
    .option('--cert <file>', 'Client certificate (PEM); needs --key')
    .option('--key <file>', 'Private key of the client certificate (PEM)')
    .addOption(configOption());
}

/**
 * Opens a client for the server, runs the work with the client, and closes the client. Uses the token and the
 * certificates in the section `client` of the configuration only for the server in that section, not for a server that
 * `--server` or `CLAIR_SERVER` names.
 *
 * @throws ClairError `cli/usage` if no option, variable or file names a server; `config/invalid`; the errors of the
 *   work
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
    throw new ClairError(
      'cli/usage',
      'no server address: set --server, CLAIR_SERVER or client.server in the configuration',
    );
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
    throw asClairError(error, 'cli/usage', `cannot read the token file ${path}`);
  }
}
