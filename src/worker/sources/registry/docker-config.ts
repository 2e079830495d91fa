import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../../../errors.ts';
import { askCredentialHelper, type RegistryCredentials } from './docker-credentials.ts';

/**
 * Finds the credentials of a registry as Docker stores them (docker-cli, "docker login"): runs the helper of
 * `config.json` for the registry (`credHelpers`), or else the general helper (`credsStore`). If no helper returns
 * credentials, reads `auths`. Returns undefined when Docker stores no credentials for the registry.
 *
 * @param domain the registry as in references: `docker.io`, `localhost:5000`
 * @param folder the Docker configuration folder
 * @throws ClairError `registry/credentials-invalid` when the file or a helper's response is invalid, or a helper fails.
 */
export async function findCredentials(
  domain: string,
  folder: string,
  signal?: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const path = join(folder, 'config.json');
  const config = await readConfig(path);
  const helper = config.credHelpers?.[domain] ?? config.credsStore;
  const found = helper === undefined || helper === '' ? undefined : await askHelper(helper, domain, signal);
  return found ?? credentialsOf(config, domain, path);
}

/** The Docker Hub address for `docker login`. */
const DOCKER_HUB_SERVER = 'https://index.docker.io/v1/';

const CONFIG = Type.Object({
  auths: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({ auth: Type.Optional(Type.String()), identitytoken: Type.Optional(Type.String()) }),
    ),
  ),
  credHelpers: Type.Optional(Type.Record(Type.String(), Type.String())),
  credsStore: Type.Optional(Type.String()),
});

type Config = Static<typeof CONFIG>;

async function readConfig(path: string): Promise<Config> {
  const text = await readText(path);
  if (text === undefined) return {};
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    // The error has no cause, because the message of the cause quotes the file.
    throw invalid(`${path} is not valid JSON`);
  }
  if (Value.Check(CONFIG, config)) return config;
  const [error] = Value.Errors(CONFIG, config);
  throw invalid(`${path} is invalid: ${error?.instancePath || 'top level'} ${error?.message ?? ''}`);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ClairError('registry/credentials-invalid', `${path} cannot be read: ${String(code)}`, { cause: error });
  }
}

async function askHelper(
  helper: string,
  domain: string,
  signal: AbortSignal | undefined,
): Promise<RegistryCredentials | undefined> {
  return await askCredentialHelper(helper, domain === 'docker.io' ? DOCKER_HUB_SERVER : domain, { signal });
}

function credentialsOf({ auths = {} }: Config, domain: string, path: string): RegistryCredentials | undefined {
  const server = domain === 'docker.io' ? 'index.docker.io' : domain;
  // Old files have whole addresses as keys, so only the host of each key is compared.
  const key = [domain, ...Object.keys(auths)].find((each) => auths[each] !== undefined && hostOf(each) === server);
  const { auth = '', identitytoken = '' } = (key === undefined ? undefined : auths[key]) ?? {};
  if (identitytoken !== '') return { identityToken: identitytoken };
  if (auth === '') return undefined;
  const [, username, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  if (username === undefined || secret === undefined) {
    throw invalid(`"auth" of ${domain} in ${path} is not USER:PASSWORD in base64`);
  }
  return { username, secret };
}

function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  return host === 'docker.io' ? 'index.docker.io' : host;
}

function invalid(message: string): ClairError {
  return new ClairError('registry/credentials-invalid', message);
}
