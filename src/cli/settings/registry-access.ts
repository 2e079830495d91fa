import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import type { TargetOptions } from '../../compose/target-images.ts';
import { dockerCredentials } from '../../worker/sources/docker-credential-store.ts';
import type { Console } from '../console.ts';
import type { RegistryOptions } from '../options/registry-options.ts';

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
