/**
 * Of which products the packages of a repository (content set) are: its name, `rhocp-4.16-for-rhel-9-x86_64-rpms`, and all
 * the names by which a feed may mean the products, `cpe:/a:redhat:openshift:4.16` and `cpe:/a:redhat:openshift:4`.
 */
export type RepositoryCpes = ReadonlyMap<string, readonly string[]>;

/** The most of one source; Red Hat has some thousand. */
export const MAX_REPOSITORIES = 100_000;

/** The most names of one repository; real ones have some dozen. */
export const MAX_CPES = 1000;
