import type { Severity } from './severity.ts';
import type { Status } from './status.ts';

/** What a source says of one vulnerability: the form in which fetchers hand it over and in which it is compared. */
export type Advisory = {
  /** The source's own identifier: `CVE-2024-1234`, `RHSA-2024:1234`. See {@link isAdvisoryId}. */
  readonly id: string;
  readonly link: string;
  readonly description: string;
  readonly affected: readonly AffectedPackage[];
};

/**
 * One half-open interval of versions of one package in one namespace: `[introduced, fixed)`.
 * Without `introduced` it starts at 0, without `fixed` it ends at infinity.
 */
export type AffectedPackage = {
  readonly namespace: string;
  /** The name that the feed uses; for Debian that of the source package. */
  readonly package: string;
  readonly introduced?: string;
  readonly fixed?: string;
  readonly severity: Severity;
  readonly status: Status;
};

const ADVISORY_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}$/;

/**
 * Tells whether `id` can identify an advisory: printable ASCII of bounded length, so that every engine orders
 * identifiers alike, byte by byte.
 */
export function isAdvisoryId(id: string): boolean {
  return ADVISORY_ID_PATTERN.test(id);
}
