import type { Severity, SeverityOrigin } from '../severity.ts';
import type { Status } from './status.ts';

/** One vulnerability in a feed, in the form that fetchers return and updates compare. */
export type Advisory = {
  /** The identifier in the feed: `CVE-2024-1234`, `RHSA-2024:1234`. See {@link isAdvisoryId}. */
  readonly id: string;
  readonly link: string;
  readonly description: string;
  /**
   * Other names of the vulnerability, or the vulnerabilities that it fixes, such as the CVEs of an RHSA. Unordered,
   * unique.
   */
  readonly aliases?: readonly string[];
  readonly affected: readonly AffectedPackage[];
};

/**
 * One half-open interval of versions of one package in one namespace: `[introduced, fixed)`.
 * Without `introduced` the interval starts at 0; without `fixed` and `lastAffected` it ends at infinity.
 */
export type AffectedPackage = {
  readonly namespace: string;
  /** The name in the feed; for Debian the source package. */
  readonly package: string;
  readonly introduced?: string;
  readonly fixed?: string;
  /** The interval includes this version; for feeds that name the last affected version instead of a fixed version. */
  readonly lastAffected?: string;
  readonly severity: Severity;
  /** The origin of the severity; absent for the rating of the feed. */
  readonly severityFrom?: SeverityOrigin;
  readonly status: Status;
  /** The affected architectures, as packages name them; absent for all. */
  readonly archs?: readonly string[];
  /**
   * `source` if the entry is about all packages built from the rpm source package with this name. Versions are then
   * versions of the source package, which are compared without epochs. When absent, the name is the usual feed name of
   * packages of this type.
   */
  readonly role?: 'source';
  /** The rpm module stream, `name:stream`, that the entry is limited to; absent for packages outside of modules. */
  readonly module?: string;
  /**
   * The CPE of a Red Hat product (`cpe:/a:redhat:openshift:4.16`): the entry is limited to packages from repositories
   * of this product. See {@link RepositoryCpes}.
   */
  readonly cpe?: string;
  /** The vulnerable packages and functions of a Go module; absent if the advisory names no packages. */
  readonly imports?: readonly AffectedImport[];
};

/** A Go package that an advisory names. */
export type AffectedImport = {
  /** The import path: `golang.org/x/net/html`. */
  readonly path: string;
  /** The vulnerable functions and methods: `Parse`, `Server.Serve`; absent if the whole package is vulnerable. */
  readonly symbols?: readonly string[];
  /** The affected operating systems and processors, as Go names them; absent for all. */
  readonly goos?: readonly string[];
  readonly goarch?: readonly string[];
};

/** The bounds of {@link AffectedImport}: packages of an advisory, names in a list, and characters of a name. */
export const MAX_IMPORTS = 1000;
export const MAX_SYMBOLS = 5000;
export const MAX_GO_NAME = 1024;

const ADVISORY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}$/;

/**
 * Reports whether `id` is a valid advisory identifier: printable ASCII of bounded length, so that every database engine
 * sorts identifiers byte by byte.
 */
export function isAdvisoryId(id: string): boolean {
  return ADVISORY_ID_PATTERN.test(id);
}
