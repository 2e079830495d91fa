import { type Advisory, type AffectedPackage, isAdvisoryId } from '../../../model/advisories/advisory.ts';
import type { Severity } from '../../../model/severity.ts';
import { quotedVersion } from '../../../versions/keys/invalid-version.ts';
import { rpm } from '../../../versions/rpm.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import { type Update, type UpdatePackage, updates } from '../../formats/updateinfo.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { type Series, readSeries, versionLine } from './series.ts';

/**
 * Reads an Amazon Linux `updateinfo.xml`; the identifier of an advisory determines its release. Adds a diagnostic to
 * `recordDiagnostics` for each part that it cannot interpret.
 *
 * @throws ClairError the errors of reading the document.
 */
export async function* parseAmazonUpdateinfo(
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
): AsyncGenerator<Advisory> {
  for await (const update of updates(document.stream, document.where)) {
    const { advisory, diagnostics } = readUpdate(update);
    for (const diagnostic of diagnostics) addRecordDiagnostic(recordDiagnostics, diagnostic);
    if (advisory !== undefined) yield advisory;
  }
}

export type UpdateReading = { readonly advisory?: Advisory; readonly diagnostics: readonly RecordDiagnostic[] };

/** Reads an advisory. Never throws. */
export function readUpdate(update: Update): UpdateReading {
  const { id, description } = update;
  const aliases = [...new Set(update.references.map((reference) => reference.id).filter(isCve))];
  if (update.type !== 'security' && aliases.length === 0) return { diagnostics: [] };
  const series = readSeries(id);
  if (!isAdvisoryId(id) || series === undefined) {
    return { diagnostics: [skipped(`skipped: not an Amazon Linux identifier: ${JSON.stringify(id)}`)] };
  }
  const severity = SEVERITY_OF_WORD.get(update.severity.toLowerCase());
  const { affected, diagnostics } = readPackages(update.packages, series, severity ?? 'Unknown');
  const diagnosticsOfSeverity =
    severity === undefined ? [inexact(`has an unknown severity: ${JSON.stringify(update.severity)}`)] : [];
  return {
    advisory: { id, link: series.link, description: description.replaceAll(/\s+/g, ' '), aliases, affected },
    diagnostics: [...diagnosticsOfSeverity, ...diagnostics].map((diagnostic) => at(id, diagnostic)),
  };
}

const SEVERITY_OF_WORD: ReadonlyMap<string, Severity> = new Map([
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['moderate', 'Medium'],
  ['important', 'High'],
  ['critical', 'Critical'],
]);

function isCve(id: string): boolean {
  return /^CVE-\d{4}-\d{4,19}$/.test(id);
}

type Packages = { readonly affected: readonly AffectedPackage[]; readonly diagnostics: readonly RecordDiagnostic[] };

/** Reads the packages of an advisory. Skips source packages, which are never installed. */
function readPackages(packages: readonly UpdatePackage[], series: Series, severity: Severity): Packages {
  const diagnostics: RecordDiagnostic[] = [];
  const archsOf = new Map<string, Map<string, Set<string>>>();
  for (const { name, version, arch } of packages) {
    if (arch === 'src' || arch === 'nosrc') continue;
    if (name === '') {
      diagnostics.push(skipped('package skipped: missing name'));
      continue;
    }
    const versions = archsOf.get(name) ?? new Map<string, Set<string>>();
    archsOf.set(name, versions.set(version, (versions.get(version) ?? new Set()).add(arch)));
  }
  const affected = [...archsOf].flatMap(([name, versions]) =>
    [...versions].map(([version, archs]) => {
      const fix = isVersion(version) ? fixIn(version, series) : undefined;
      if (fix === undefined) {
        diagnostics.push(
          inexact(`${name} treated as affected: rpm rejects the fixed version ${quotedVersion(version)}`),
        );
      }
      const status = fix === undefined ? 'unknown' : 'fixed';
      return { namespace: series.namespace, package: name, ...fix, ...limitTo(archs), severity, status } as const;
    }),
  );
  return { affected, diagnostics };
}

function fixIn(fixed: string, series: Series): Pick<AffectedPackage, 'introduced' | 'fixed'> {
  const introduced = versionLine(series, fixed);
  return introduced === undefined ? { fixed } : { introduced, fixed };
}

/**
 * Returns the architectures of a package. Does not limit the architectures of a package that is noarch, because the
 * package may have had an architecture before the fix.
 */
function limitTo(archs: ReadonlySet<string>): Pick<AffectedPackage, 'archs'> {
  return archs.has('noarch') || archs.has('') ? {} : { archs: [...archs].toSorted() };
}

function isVersion(version: string): boolean {
  return rpm.keyOf(version) !== undefined;
}
