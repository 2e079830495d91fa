import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TargetOptions } from '../../compose/target-images.ts';
import { dockerCredentials } from '../../worker/sources/registry/docker-config.ts';
import { parseRegistryMirror, type RegistryMirror } from '../../worker/sources/registry/registry-mirror.ts';
import type { Console } from '../console.ts';

/** What the options that {@link addRegistryOptions} adds are set to. */
export type RegistryOptions = {
  readonly insecureRegistry: readonly string[];
  readonly registryCa: readonly string[];
  readonly registryMirror: readonly RegistryMirror[];
};

/** Adds the options of every command that may ask a registry. */
export function addRegistryOptions(command: Command): Command {
  return command
    .option('--insecure-registry <host...>', 'ask this registry, HOST or HOST:PORT, without encryption', [])
    .option('--registry-ca <file...>', 'trust these certificates (PEM) too, whatever registry shows one of them', [])
    .addOption(
      new Option('--registry-mirror <host=mirror>', 'ask MIRROR[:PORT][/PREFIX] before HOST; may be repeated')
        .argParser(mirror)
        .default([]),
    );
}

/** How registries are asked: as the options say, with the credentials and certificates of Docker's own folders. */
export function registryAccess(
  { signal }: Console,
  { insecureRegistry, registryCa, registryMirror }: RegistryOptions,
): Omit<TargetOptions, 'platform' | 'allPlatforms'> {
  const dockerConfig = env['DOCKER_CONFIG'] || join(homedir(), '.docker');
  const userConfig = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const folders = ['/etc/docker', dockerConfig, '/etc/containers', join(userConfig, 'containers')];
  return {
    signal,
    insecureRegistries: insecureRegistry,
    mirrors: registryMirror,
    certificates: { files: registryCa, folders: folders.map((folder) => join(folder, 'certs.d')) },
    credentials: dockerCredentials(dockerConfig),
  };
}

function mirror(text: string, before: readonly RegistryMirror[]): readonly RegistryMirror[] {
  const parsed = parseRegistryMirror(text);
  if (parsed !== undefined) return [...before, parsed];
  throw new InvalidArgumentError('It must be a registry and a mirror, as in docker.io=mirror.example:5000/docker-hub.');
}
