/**
 * Of which products the packages of a repository (content set) are: its name, `rhel-9-for-x86_64-baseos-rpms`, and the
 * CPEs of the products, `cpe:/o:redhat:enterprise_linux:9`, without channels.
 */
export type RepositoryCpes = ReadonlyMap<string, readonly string[]>;

/** The most of one source: Red Hat has some ten thousand. */
export const MAX_REPOSITORIES = 100_000;

/** The most of one repository: real ones have some twenty. */
export const MAX_CPES = 1000;
