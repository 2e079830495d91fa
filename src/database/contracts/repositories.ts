import type { RepositoryCpes } from '../../model/repository-cpes.ts';

/** Of which products the packages of repositories are; written together with the advisories of their feed. */
export type RepositoryStore = {
  /** The products of each of these repositories; those that no feed lists are absent. */
  readonly cpesOf: (repositories: readonly string[]) => Promise<RepositoryCpes>;
};
