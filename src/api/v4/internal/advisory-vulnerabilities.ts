import { typeOfNamespace } from '../../../ecosystems/index.ts';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { isFinding } from '../../../model/advisories/status.ts';
import { widelyKnownSeverity } from '../../../model/severity.ts';
import { originBody } from '../origin-body.ts';
import { linksOf, type VulnerabilityBody } from '../vulnerability-report-body.ts';

/** A vulnerability without its ID; the ID depends on the document that contains the vulnerability. */
export type VulnerabilityFacts = Omit<VulnerabilityBody, 'id'>;

/**
 * Returns the vulnerabilities of an advisory, one for each affected range of a package. The keys also contain data that
 * the vulnerabilities lack, such as the start of the range, so that equal keys always mean equal affected versions.
 */
export function vulnerabilitiesOf(feed: string, advisory: Advisory | null): ReadonlyMap<string, VulnerabilityFacts> {
  const found = new Map<string, VulnerabilityFacts>();
  for (const affected of advisory?.affected ?? []) {
    if (advisory === null || !isFinding(affected.status)) continue;
    const facts = factsOf(feed, advisory, affected);
    const { introduced, lastAffected, archs, role, cpe } = affected;
    found.set(JSON.stringify({ facts, introduced, lastAffected, archs, role, cpe }), facts);
  }
  return found;
}

function factsOf(feed: string, advisory: Advisory, affected: AffectedPackage): VulnerabilityFacts {
  const { id: name, description, link, aliases = [] } = advisory;
  const cves = [name, ...aliases].filter((each) => /^CVE-\d{4}-\d{4,}$/.test(each)).map((id) => ({ id }));
  const severity = widelyKnownSeverity(affected.severity);
  return {
    updater: feed,
    name,
    description,
    links: linksOf({ links: link === '' ? [] : [link], cves }),
    severity,
    normalized_severity: severity,
    package: {
      id: '',
      name: affected.package,
      version: '',
      kind: typeOfNamespace(affected.namespace) === 'rpm' && affected.role !== 'source' ? 'binary' : 'source',
      normalized_version: '',
      cpe: '',
      ...(affected.module !== undefined && { module: affected.module }),
    },
    ...originBody(affected.namespace),
    fixed_in_version: affected.fixed ?? '',
  };
}
