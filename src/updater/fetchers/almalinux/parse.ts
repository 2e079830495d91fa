import { namespaceName } from '../../../model/releases/namespace.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { type OsvRecord, osvParser } from '../../formats/osv.ts';
import { readErratum } from '../../formats/osv-errata.ts';

/** Reads the AlmaLinux errata as OSV documents, one per erratum (https://github.com/AlmaLinux/osv-database). */
export const parseAlmaLinux: DocumentParser = osvParser('rpm', (record) =>
  readErratum(record, { namespaceOf, securityPrefix: 'ALSA-', linkOf }),
);

const ERRATA = 'https://errata.almalinux.org/';

function namespaceOf(ecosystem: string): string | undefined {
  const version = versionOf(ecosystem);
  return version && namespaceName('almalinux', version);
}

function versionOf(ecosystem: string): string | undefined {
  return /^AlmaLinux:(\d+)$/.exec(ecosystem)?.[1];
}

/**
 * Returns the page of an erratum. The references may also contain pages of the Red Hat errata from which the erratum
 * was rebuilt.
 */
function linkOf({ id, references, affected }: OsvRecord): string {
  const page = references.find(({ url }) => url.startsWith(ERRATA));
  if (page !== undefined) return page.url;
  const [version] = affected.flatMap(({ ecosystem }) => versionOf(ecosystem) ?? []);
  return version === undefined ? ERRATA : `${ERRATA}${version}/${id.replace(':', '-')}.html`;
}
