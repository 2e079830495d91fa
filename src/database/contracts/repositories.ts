import type { RepositoryCpes } from '../../model/repository-cpes.ts';

/** The products (CPEs) of repositories, which are written with the advisories of their feed. */
export type RepositoryStore = {
  /** Returns the products of these repositories; repositories that no feed lists are absent. */
  readonly cpesOf: (repositories: readonly string[]) => Promise<RepositoryCpes>;
};
