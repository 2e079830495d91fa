import type { RepositoryCpes } from '../../model/repository-cpes.ts';

/** The products (CPEs) of repositories, written with the advisories of their feed. */
export type RepositoryStore = {
  /** Repositories that no feed lists are absent. */
  readonly cpesOf: (repositories: readonly string[]) => Promise<RepositoryCpes>;
};
