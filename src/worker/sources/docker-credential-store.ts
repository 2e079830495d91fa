import type { CredentialStore } from './registry/registry-auth.ts';

/** Returns a store that reads the credentials from a Docker configuration folder for each request. */
export function dockerCredentials(folder: string): CredentialStore {
  return {
    name: 'the Docker configuration',
    async find({ domain }, signal) {
      // The reader is loaded on demand, because local images need no credentials.
      const { findCredentials } = await import('./registry/docker-config.ts');
      return await findCredentials(domain, folder, signal);
    },
  };
}
