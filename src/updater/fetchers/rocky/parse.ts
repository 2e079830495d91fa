import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { type OsvAffected, type OsvRecord, osvParser } from '../../formats/osv.ts';
import { readErratum } from '../../formats/osv-errata.ts';
import { namedBySource } from '../../advisories/source-named.ts';

/**
 * Reads the Rocky Linux errata as OSV documents, one per erratum (https://osv.dev, "Rocky Linux"). The errata name only
 * source packages, such as `kernel` for `kernel-core`.
 */
export const parseRocky: DocumentParser = osvParser('rpm', (record) => {
  const { advisories, diagnostics } = readErratum(record, {
    namespaceOf,
    securityPrefix: 'RLSA-',
    linkOf,
    isOther: isOfInterestGroup,
  });
  return {
    advisories: advisories.map((each) => ({ ...each, affected: each.affected.map(namedBySource) })),
    diagnostics,
  };
});

const ERRATA = 'https://errata.rockylinux.org/';

function namespaceOf(ecosystem: string): string | undefined {
  const [, version] = /^Rocky Linux:(\d+)$/.exec(ecosystem) ?? [];
  return version && namespaceName('rocky', version);
}

/**
 * Returns whether a package is from a special interest group. Special interest groups rebuild packages under the same
 * names with higher versions. With the errata of the groups (RXSA), Clair would report ordinary packages as affected.
 */
function isOfInterestGroup({ purl }: OsvAffected): boolean {
  return /[?&]distro=rocky-linux-\d+-sig-/.test(purl);
}

function linkOf({ id }: OsvRecord): string {
  return `${ERRATA}${id}`;
}
