import type { Store } from '../../database/contracts/store.ts';
import type { VulnerabilityRecord } from '../../database/contracts/vulnerabilities.ts';
import type { Report } from '../../model/report/report.ts';

/** The maximum number of advisories to read for a vulnerability; many errata can fix the same CVE. */
const MAX_RECORDS = 1000;

/** Returns an identifier and the other names of the same vulnerability in the findings of a report. */
export function namesInReport({ findings, suppressed }: Report, id: string): readonly string[] {
  const names = [...findings, ...suppressed]
    .map((finding) => [finding.id, ...finding.aliases])
    .filter((each) => each.includes(id));
  return [...new Set([id, ...names.flat()])];
}

/** Returns at most 1000 distinct advisories that have any of the names. */
export async function recordsAbout(
  vulnerabilities: Store['vulnerabilities'],
  names: readonly string[],
): Promise<readonly VulnerabilityRecord[]> {
  const found = new Map<string, VulnerabilityRecord>();
  for (const name of names) {
    for (const record of await vulnerabilities.about(name, MAX_RECORDS - found.size)) {
      const key = JSON.stringify([record.feed, record.name]);
      if (!found.has(key)) found.set(key, record);
    }
    if (found.size >= MAX_RECORDS) break;
  }
  return [...found.values()];
}
