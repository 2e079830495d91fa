import type { Severity, SeverityOrigin } from '../severity.ts';
import type { Status } from './status.ts';

/** An advisory of a feed, in the form that fetchers return and updates compare. */
export type Advisory = {
  /** The identifier in the feed, such as `CVE-2024-1234` or `RHSA-2024:1234`. See {@link isAdvisoryId}. */
  readonly id: string;
  readonly link: string;
  readonly description: string;
  /**
   * Other names of the vulnerability, or the vulnerabilities that an erratum fixes, such as the CVEs of an RHSA. The
   * names are distinct and in no particular order.
   */
  readonly aliases?: readonly string[];
  readonly affected: readonly AffectedPackage[];
};

/**
 * A half-open interval `[introduced, fixed)` of versions of a package in a namespace. Without `introduced` the interval
 * starts at 0; without `fixed` and `lastAffected` it ends at infinity.
 */
export type AffectedPackage = {
  readonly namespace: string;
  /** The name in the feed, which for Debian is the source package. */
  readonly package: string;
  readonly introduced?: string;
  readonly fixed?: string;
  /** The last affected version, which the interval includes, for feeds that do not name a fixed version. */
  readonly lastAffected?: string;
  readonly severity: Severity;
  /** The origin of the severity; absent for the rating of the feed. */
  readonly severityFrom?: SeverityOrigin;
  readonly status: Status;
  /** The affected architectures in the notation of packages; absent for all architectures. */
  readonly archs?: readonly string[];
  /**
   * `source` if the entry is about all packages that are built from the rpm source package with this name. The bounds
   * are then versions of the source package, which are compared without epochs. When absent, the name is the usual feed
   * name for packages of this type.
   */
  readonly role?: 'source';
  /**
   * The rpm module stream to which the entry is limited, in the form `name:stream`; absent for packages outside
   * modules.
   */
  readonly module?: string;
  /**
   * The CPE of a Red Hat product, such as `cpe:/a:redhat:openshift:4.16`. The entry is limited to packages from
   * repositories of this product. See {@link RepositoryCpes}.
   */
  readonly cpe?: string;
  /** The vulnerable packages and functions of a Go module; absent if the advisory names no packages. */
  readonly imports?: readonly AffectedImport[];
};

/** A Go package that an advisory names. */
export type AffectedImport = {
  /** The import path, such as `golang.org/x/net/html`. */
  readonly path: string;
  /**
   * The vulnerable functions and methods, such as `Parse` or `Server.Serve`; absent if the whole package is vulnerable.
   */
  readonly symbols?: readonly string[];
  /** The affected operating systems and processors, under their names in Go; absent for all. */
  readonly goos?: readonly string[];
  readonly goarch?: readonly string[];
};

/**
 * The limits of {@link AffectedImport}: the number of packages of an advisory, of names in a list, and of characters in
 * a name.
 */
export const MAX_IMPORTS = 1000;
export const MAX_SYMBOLS = 5000;
export const MAX_GO_NAME = 1024;

const ADVISORY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}$/;

/**
 * Returns whether `id` is a valid advisory identifier. Identifiers are printable ASCII of limited length, so that every
 * database engine sorts them byte by byte.
 */
export function isAdvisoryId(id: string): boolean {
  return ADVISORY_ID_PATTERN.test(id);
}
