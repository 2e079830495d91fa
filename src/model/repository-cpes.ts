/**
 * The products of repositories (content sets). The key is the repository name, such as
 * `rhocp-4.16-for-rhel-9-x86_64-rpms`; the value lists all CPEs that feeds may use for its products, such as
 * `cpe:/a:redhat:openshift:4.16` and `cpe:/a:redhat:openshift:4`.
 */
export type RepositoryCpes = ReadonlyMap<string, readonly string[]>;

/** The maximum number of repositories of a feed; Red Hat has a few thousand. */
export const MAX_REPOSITORIES = 100_000;

/** The maximum number of CPEs of a repository; real repositories have a few dozen. */
export const MAX_CPES = 1000;
