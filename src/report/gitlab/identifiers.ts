import { printable } from '../../model/printable.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { webAddress } from '../writing/web-address.ts';

/** An identifier of a vulnerability; GitLab links the identifiers that have a URL. */
type Identifier = { readonly type: string; readonly name: string; readonly value: string; readonly url?: string };

/** The maximum number of identifiers that GitLab stores for a finding. */
const MAX_IDENTIFIERS = 20;

/**
 * Returns the identifiers of a finding. The best-known name comes first, because GitLab tracks the finding by its first
 * identifier; the aliases and CVEs follow.
 */
export function identifiersOf({ id, aliases, cves, link }: ReportFinding): readonly Identifier[] {
  const names = [id, ...aliases, ...cves.map((cve) => cve.id)].map((name) => printable(name).trim());
  // GitLab requires at least one identifier.
  const known = [...new Set(names)].filter((name) => name !== '').slice(0, MAX_IDENTIFIERS);
  return (known.length === 0 ? ['-'] : known).map((name, index) => {
    const url = addressOf(name) ?? (index === 0 ? webAddress(link) : undefined);
    return { type: typeOf(name), name, value: name, ...(url !== undefined && { url }) };
  });
}

/**
 * Returns the type of an identifier in GitLab: its first word in lower case, such as `cve`, `ghsa`, `usn` or `rhsa`.
 */
function typeOf(name: string): string {
  return /^([a-z]+)-/i.exec(name)?.[1]?.toLowerCase() ?? 'clair';
}

function addressOf(name: string): string | undefined {
  if (/^CVE-\d{4}-\d+$/.test(name)) return `https://www.cve.org/CVERecord?id=${name}`;
  return /^GHSA(?:-[0-9a-z]{4}){3}$/.test(name) ? `https://github.com/advisories/${name}` : undefined;
}
