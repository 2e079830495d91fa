import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import { namespaceName } from '../../../model/releases/namespace.ts';
import type { Status } from '../../../model/advisories/status.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { DocumentParser } from '../../feed/parsed-documents.ts';
import { shown } from '../../formats/json-fields.ts';
import { boundsOf, type OsvAffected, type OsvReading, type OsvRecord, osvParser, statusOf } from '../../formats/osv.ts';
import { widestOnly } from '../../advisories/widest-affected.ts';

/**
 * Reads Canonical's OSV documents, one per CVE or notice (https://github.com/canonical/ubuntu-security-notices). The
 * advisories of documents `UBUNTU-CVE-…` have the identifier of the CVE, as in the tracker. Skips notices (`USN-…`),
 * because each fixed CVE has a document, and because a notice that corrects an earlier notice would hide the earlier
 * fix. Skips Livepatch notices (`LSN-…`), which do not change the package.
 */
export const parseUbuntuOsv: DocumentParser = osvParser('dpkg', readUbuntuRecord);

const PAGE = 'https://ubuntu.com/security/';

/** The placeholder that Canonical writes for a missing description. */
const NO_DESCRIPTION = '[Unknown description]';

function readUbuntuRecord(record: OsvRecord): OsvReading {
  const [, id] = /^UBUNTU-(CVE-.+)$/.exec(record.id) ?? [];
  if (id === undefined) {
    return {
      advisories: [],
      diagnostics: /^(?:USN|LSN)-/.test(record.id) ? [] : [skipped('skipped: unknown kind of OSV document')],
    };
  }
  const { affected, diagnostics } = readAffected(record);
  const notices = [...new Set(record.related.filter((name) => name.startsWith('USN-')))];
  const advisory: Advisory = {
    id,
    link: `${PAGE}${id}`,
    description: record.details === NO_DESCRIPTION ? '' : record.details,
    ...(notices.length > 0 && { aliases: notices }),
    affected: widestOnly(affected, 'dpkg'),
  };
  return { advisories: [advisory], diagnostics };
}

/** The affected packages of a release, in the archive and for subscribers (ESM). */
type Release = { readonly archive: AffectedPackage[]; readonly esm: AffectedPackage[] };

function readAffected(record: OsvRecord): {
  readonly affected: readonly AffectedPackage[];
  readonly diagnostics: readonly RecordDiagnostic[];
} {
  const releases = new Map<string, Release>();
  const diagnostics: RecordDiagnostic[] = [];
  for (const each of record.affected) {
    const ecosystem = readEcosystem(each.ecosystem);
    if (ecosystem === undefined) {
      diagnostics.push(inexact(`${each.name} ignored: unknown release ${shown(each.ecosystem)}`));
    } else if (ecosystem.kind !== 'other') {
      const { kind, namespace } = ecosystem;
      const key = `${namespace} ${each.name}`;
      const release = releases.get(key) ?? { archive: [], esm: [] };
      releases.set(key, release);
      release[kind].push(...affectedOf(each, namespace, kind, record));
    }
  }
  return { affected: [...releases.values()].flatMap(combine), diagnostics };
}

type Ecosystem = { readonly kind: 'archive' | 'esm'; readonly namespace: string } | { readonly kind: 'other' };

/**
 * Reads names such as `Ubuntu:22.04:LTS`, `Ubuntu:24.10`, and, for subscribers, `Ubuntu:Pro:18.04:LTS`. Other words
 * (`FIPS`, `Realtime`) mark separate builds.
 */
function readEcosystem(words: string): Ecosystem | undefined {
  const [, pro, version] = /^Ubuntu:(Pro:)?(\d+\.\d+)(?::LTS)?$/.exec(words) ?? [];
  if (version !== undefined) {
    return { kind: pro === undefined ? 'archive' : 'esm', namespace: namespaceName('ubuntu', version) };
  }
  return /^Ubuntu:(?:[A-Za-z][\w-]*:)+\d+\.\d+(?::LTS)?$/.test(words) ? { kind: 'other' } : undefined;
}

function affectedOf(
  each: OsvAffected,
  namespace: string,
  kind: 'archive' | 'esm',
  record: OsvRecord,
): readonly AffectedPackage[] {
  const { severity, from } = each.severity ?? record.severity ?? { severity: 'Unknown', from: 'feed' };
  return each.intervals.map((interval) => ({
    namespace,
    package: each.name,
    ...boundsOf(interval),
    severity,
    ...(from === 'cvss' && { severityFrom: from }),
    status: statusFor(statusOf(interval), kind, each),
  }));
}

/**
 * Returns the status of a fix. The document can state which users receive the fix; otherwise, fixes in Ubuntu Pro are
 * for subscribers.
 */
function statusFor(status: Status, kind: 'archive' | 'esm', { specific }: OsvAffected): Status {
  if (status !== 'fixed') return status;
  const { availability } = specific;
  if (availability === 'No subscription required') return 'fixed';
  const isForSubscribers = kind === 'esm' || (typeof availability === 'string' && /\bPro\b/.test(availability));
  return isForSubscribers ? 'fixed-for-subscribers' : 'fixed';
}

/**
 * Combines the states of a package as the tracker does: a fix in the archive takes precedence over a fix for
 * subscribers, and any fix over no fix.
 */
function combine({ archive, esm }: Release): readonly AffectedPackage[] {
  if (archive.length > 0 && archive.every(({ status }) => status !== 'open')) return archive;
  if (esm.some(({ status }) => status === 'fixed' || status === 'fixed-for-subscribers')) return esm;
  return archive.length > 0 ? archive : esm;
}
