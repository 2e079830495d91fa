import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Severity } from '../../model/severity.ts';
import type { RecordDiagnostic } from '../../model/feed.ts';
import { inexact, skipped } from '../advisories/record-diagnostics.ts';
import { isModular, moduleStreamsIn, UNTOLD_STREAM } from '../advisories/rpm-modules.ts';
import { withoutListedFixes } from '../advisories/listed-fixes.ts';
import { shown } from './json-fields.ts';
import { boundsOf, type OsvAffected, type OsvReading, type OsvRecord, severityOfWord, statusOf } from './osv.ts';
import type { OsvInterval } from './osv-intervals.ts';

/** The properties in which the errata of rebuilds of Red Hat Enterprise Linux differ. */
export type ErrataSource = {
  /** Returns the namespace of an ecosystem (`AlmaLinux:8`); undefined for other ecosystems. */
  readonly namespaceOf: (ecosystem: string) => string | undefined;
  /** The ID prefix of security advisories; other errata are read only if they name a CVE. */
  readonly securityPrefix: string;
  readonly linkOf: (record: OsvRecord) => string;
  /** Returns true for packages that are not part of the release, although they have its ecosystem. */
  readonly isOther?: (affected: OsvAffected) => boolean;
};

/**
 * Reads an OSV erratum of a Red Hat Enterprise Linux rebuild, with the fixed CVEs as aliases. Returns no advisory for
 * an erratum that is not a security advisory and names no CVE. The severity in the title takes precedence over CVSS
 * scores; the title also names the module streams.
 */
export function readErratum(record: OsvRecord, source: ErrataSource): OsvReading {
  const names = [...record.aliases, ...record.upstream, ...record.related];
  const aliases = [...new Set(names.filter((name) => name.startsWith('CVE-')))];
  if (!record.id.startsWith(source.securityPrefix) && aliases.length === 0) return { advisories: [], diagnostics: [] };
  const diagnostics: RecordDiagnostic[] = [];
  const severity = severityOfTitle(record.summary);
  const streams = moduleStreamsIn(record.summary);
  const affected: AffectedPackage[] = [];
  for (const each of record.affected) {
    const namespace = source.namespaceOf(each.ecosystem);
    if (namespace === undefined) {
      diagnostics.push(inexact(`${each.name} ignored: unknown release ${shown(each.ecosystem)}`));
    } else if (source.isOther?.(each) !== true) {
      affected.push(...affectedOf(each, namespace, streams, severity, record));
    }
  }
  if (record.affected.length === 0) diagnostics.push(skipped('skipped: it names no package'));
  if (affected.length === 0) return { advisories: [], diagnostics };
  const advisory = {
    id: record.id,
    link: source.linkOf(record),
    description: record.details === '' ? record.summary : record.details,
    ...(aliases.length > 0 && { aliases }),
    affected: withoutListedFixes(affected),
  };
  return { advisories: [advisory], diagnostics };
}

/** Returns the severity in a title such as `Important: ruby:3.3 security update` or `… security update (Important)`. */
function severityOfTitle(title: string): Severity | undefined {
  const word = /^(\w+): /.exec(title)?.[1] ?? '';
  const last = /\((\w+)\)\s*$/.exec(title)?.[1] ?? '';
  return severityOfWord(word) ?? severityOfWord(last);
}

function affectedOf(
  each: OsvAffected,
  namespace: string,
  streams: readonly string[],
  ofTitle: Severity | undefined,
  record: OsvRecord,
): readonly AffectedPackage[] {
  const scored = each.severity ?? record.severity ?? { severity: 'Unknown', from: 'feed' };
  const severity = ofTitle === undefined ? scored : ({ severity: ofTitle, from: 'feed' } as const);
  return each.intervals.flatMap((interval) => {
    const affected: AffectedPackage = {
      namespace,
      package: each.name,
      ...boundsOf(interval),
      severity: severity.severity,
      ...(severity.from === 'cvss' && { severityFrom: 'cvss' }),
      status: statusOf(interval),
    };
    return modulesOf(interval, streams).map((module) => (module === undefined ? affected : { ...affected, module }));
  });
}

/** Returns the module streams to which an interval applies; undefined means packages outside modules. */
function modulesOf({ introduced, end }: OsvInterval, streams: readonly string[]): readonly (string | undefined)[] {
  const version = end?.version ?? introduced;
  // Without a version, the package may be inside or outside a module.
  if (version === undefined) return [undefined, ...streams];
  if (!isModular(version)) return [undefined];
  return streams.length === 0 ? [UNTOLD_STREAM] : streams;
}
