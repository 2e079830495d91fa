import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { type Command, Option } from 'commander';
import type { TargetOptions } from '../../compose/target-images.ts';
import { dockerCredentials } from '../../worker/sources/registry/docker-config.ts';
import { parseRegistryMirror, type RegistryMirror } from '../../worker/sources/registry/registry-mirror.ts';
import type { Console } from '../console.ts';
import { listOption, type ListParser, nameList, pathList } from './list-option.ts';

/** The values of the options that {@link addRegistryOptions} adds. */
export type RegistryOptions = {
  readonly insecureRegistry: readonly string[];
  readonly registryCa: readonly string[];
  readonly registryMirror: readonly RegistryMirror[];
  /** Absent for commands without this option. */
  readonly partialFetch?: readonly string[];
};

/** Adds the options of every command that can pull from a registry. */
export function addRegistryOptions(command: Command): Command {
  return command
    .option('--insecure-registry <hosts>', 'Use plain HTTP for these registries, HOST[:PORT] (list)', nameList, [])
    .option('--registry-ca <file>', 'Trust the CA certificates in this PEM file (repeatable)', pathList, [])
    .addOption(
      new Option('--registry-mirror <host=mirror>', 'Try MIRROR[:PORT][/PREFIX] before registry HOST (list)')
        .argParser(mirrors)
        .default([]),
    );
}

/**
 * Returns the settings for access to registries and container daemons. For registries, the settings come from the
 * options, from the credentials in Docker's folder, and from the certificates in the folders of Docker and Podman. For
 * daemons, the settings come from the environment.
 */
export function registryAccess(
  { signal }: Console,
  { insecureRegistry, registryCa, registryMirror, partialFetch = [] }: RegistryOptions,
): Omit<TargetOptions, 'platform' | 'allPlatforms'> {
  const dockerConfig = env['DOCKER_CONFIG'] || join(homedir(), '.docker');
  const userConfig = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const folders = ['/etc/docker', dockerConfig, '/etc/containers', join(userConfig, 'containers')];
  return {
    signal,
    daemons: env,
    insecureRegistries: insecureRegistry,
    mirrors: registryMirror,
    partialFetch,
    certificates: { files: registryCa, folders: folders.map((folder) => join(folder, 'certs.d')) },
    credentials: dockerCredentials(dockerConfig),
  };
}

const mirrors: ListParser<RegistryMirror> = listOption(
  parseRegistryMirror,
  'HOST=MIRROR, such as docker.io=mirror.example:5000/docker-hub',
);
