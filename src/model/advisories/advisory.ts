import type { Severity, SeverityOrigin } from '../severity.ts';
import type { Status } from './status.ts';

/** What a feed says of one vulnerability: the form in which fetchers hand it over and in which it is compared. */
export type Advisory = {
  /** The source's own identifier: `CVE-2024-1234`, `RHSA-2024:1234`. See {@link isAdvisoryId}. */
  readonly id: string;
  readonly link: string;
  readonly description: string;
  /** Other names of the same thing, or of the things that it fixes: `CVE-2024-1234` of an RHSA; no order, no repeats. */
  readonly aliases?: readonly string[];
  readonly affected: readonly AffectedPackage[];
};

/**
 * One half-open interval of versions of one package in one namespace: `[introduced, fixed)`.
 * Without `introduced` it starts at 0; without `fixed` and `lastAffected` it ends at infinity.
 */
export type AffectedPackage = {
  readonly namespace: string;
  /** The name that the feed uses; for Debian that of the source package. */
  readonly package: string;
  readonly introduced?: string;
  readonly fixed?: string;
  /** Where only the last affected version is told, and no fixed one: it ends right behind that. */
  readonly lastAffected?: string;
  readonly severity: Severity;
  /** Whose word the severity is; the source's own when absent. */
  readonly severityFrom?: SeverityOrigin;
  readonly status: Status;
  /** The architectures that it is limited to, as the packages name theirs; all of them when absent. */
  readonly archs?: readonly string[];
  /**
   * Set where all packages are meant that were built from the rpm source package of this name, and the versions are those of
   * the source: they are compared without their epochs. When absent, the name is the one that packages of the kind are known by to feeds.
   */
  readonly role?: 'source';
  /** The module stream of rpm, `name:stream`, of whose packages alone it speaks; when absent of those outside of modules. */
  readonly module?: string;
  /**
   * The CPE of the product of Red Hat (`cpe:/a:redhat:openshift:4.16`) that it is limited to: only packages from
   * repositories of that product are meant. See {@link RepositoryCpes}.
   */
  readonly cpe?: string;
};

const ADVISORY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}$/;

/**
 * Tells whether `id` can identify an advisory: printable ASCII of bounded length, so that every engine orders
 * identifiers alike, byte by byte.
 */
export function isAdvisoryId(id: string): boolean {
  return ADVISORY_ID_PATTERN.test(id);
}
