import { isUtf8 } from 'node:buffer';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { type Advisory, isAdvisoryId } from '../../../model/advisories/advisory.ts';
import type { Status } from '../../../model/advisories/status.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import {
  type CsafDocument,
  type CsafReading,
  type CsafVulnerability,
  readCsaf,
} from '../../../model/advisories/csaf.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { createPackageStates, type PackageStates } from './package-states.ts';
import { ratingOf } from './rating.ts';
import { createStatementReader, type Statement } from './statement.ts';

/**
 * Reads a Red Hat VEX document about one CVE (CSAF 2.0, profile 5;
 * https://redhatproductsecurity.github.io/security-data-guidelines/csaf-vex/), in the forms of 2023 to 2026. Yields an
 * advisory about the packages of Red Hat Enterprise Linux and of layered products, even if none of these packages is
 * affected.
 *
 * @param deleted receives the identifier of a document that is marked as deleted
 * @throws ClairError the errors of reading the document
 */
export async function* parseVex(
  document: FeedDocument,
  recordDiagnostics: RecordDiagnostics,
  deleted: (id: string) => void = (): void => undefined,
): AsyncGenerator<Advisory> {
  const bytes = await allBytes(document.stream, MAX_DOCUMENT_BYTES);
  const { advisories, deletedId, diagnostics } = readVex(document.name, bytes);
  for (const diagnostic of diagnostics) addRecordDiagnostic(recordDiagnostics, diagnostic);
  if (deletedId !== undefined) deleted(deletedId);
  yield* advisories;
}

export type VexReading = {
  readonly advisories: readonly Advisory[];
  readonly deletedId?: string;
  readonly diagnostics: readonly RecordDiagnostic[];
};

/** Reads a document; `bytes` is undefined if the document is too large. Never throws. */
export function readVex(name: string, bytes: Buffer | undefined): VexReading {
  if (bytes === undefined) return skippedAll(`${name} skipped: larger than ${MAX_DOCUMENT_BYTES} bytes`);
  if (!isUtf8(bytes)) return skippedAll(`${name} skipped: not UTF-8`);
  const reading = readJson(bytes);
  if (reading === undefined) return skippedAll(`${name} skipped: not a CSAF document`);
  const { id, status, category } = reading.document;
  if (status === 'deleted' && isAdvisoryId(id)) return { advisories: [], deletedId: id, diagnostics: [] };
  if (category !== VEX) return skippedAll(`${name} skipped: category ${JSON.stringify(category)} instead of ${VEX}`);
  const { vulnerabilities } = reading.document;
  const readings = vulnerabilities.map((vulnerability) => readVulnerability(vulnerability, reading.document));
  return {
    advisories: readings.flatMap(({ advisory }) => advisory ?? []),
    diagnostics: [
      ...[...reading.diagnostics, ...(vulnerabilities.length === 0 ? ['it contains no vulnerability'] : [])].map(
        (fault) => skipped(`${id || name}: skipped: ${fault}`),
      ),
      ...readings.flatMap(({ diagnostics }) => diagnostics),
    ],
  };
}

/** The maximum size of a document in bytes; the largest documents, those for kernels, are about 30 MB. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

/**
 * The category of documents to read; Red Hat's other documents (`csaf_security_advisory`) only repeat their content.
 */
const VEX = 'csaf_vex';

const PAGE = 'https://access.redhat.com/security/cve/';

function skippedAll(message: string): VexReading {
  return { advisories: [], diagnostics: [skipped(message)] };
}

function readJson(bytes: Buffer): CsafReading | undefined {
  try {
    return readCsaf(JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, '')));
  } catch {
    return undefined;
  }
}

type VulnerabilityReading = { readonly advisory?: Advisory; readonly diagnostics: readonly RecordDiagnostic[] };

function readVulnerability(vulnerability: CsafVulnerability, document: CsafDocument): VulnerabilityReading {
  const id = vulnerability.cve || document.id;
  if (!isAdvisoryId(id)) return { diagnostics: [skipped(`${JSON.stringify(id)} skipped: invalid identifier`)] };
  // Collect the diagnostics by message, because many products have the same diagnostic.
  const diagnostics = new Map<string, RecordDiagnostic>();
  const add = (diagnostic: RecordDiagnostic): void => void diagnostics.set(diagnostic.message, diagnostic);
  const states = createPackageStates();
  const statements = createStatementReader(document.products, (message) => add(skipped(message)));
  const strange = (word: string): void => add(inexact(`has an unknown severity: ${word}`));
  for (const [group, products] of vulnerability.statuses) {
    const kind = KIND_OF_GROUP.get(group);
    if (kind === 'not-affected') continue;
    if (kind === undefined) add(inexact(`treated as affected: unknown product status ${group}`));
    for (const product of products) {
      for (const statement of statements.read(product)) {
        const rating = ratingOf(product, vulnerability, document, strange);
        const diagnostic = addStatement(
          states,
          statement,
          kind ?? 'unknown',
          rating,
          openStatus(product, vulnerability),
        );
        if (diagnostic !== undefined) add(at(product, diagnostic));
      }
    }
  }
  return {
    advisory: {
      id,
      link: `${PAGE}${id}`,
      description: vulnerability.description || vulnerability.title || document.title,
      affected: states.affected(),
    },
    diagnostics: [...diagnostics.values()].map((diagnostic) => at(`${id}:`, diagnostic)),
  };
}

type Kind = 'fixed' | 'affected' | 'under-investigation' | 'not-affected' | 'unknown';

/**
 * The product groups of CSAF 2.0 section 3.2.3.9. The group `recommended` is ignored, because it only means that a
 * newer version exists.
 */
const KIND_OF_GROUP: ReadonlyMap<string, Kind> = new Map([
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['known_affected', 'affected'],
  ['first_affected', 'affected'],
  ['last_affected', 'affected'],
  ['under_investigation', 'under-investigation'],
  ['known_not_affected', 'not-affected'],
  ['recommended', 'not-affected'],
]);

/**
 * Adds a statement to the states of packages. Returns a diagnostic if a part of the statement cannot be interpreted.
 */
function addStatement(
  states: PackageStates,
  { platform, component }: Statement,
  kind: Kind,
  rating: ReturnType<typeof ratingOf>,
  open: Status,
): RecordDiagnostic | undefined {
  const { version, diagnostic } = component;
  if (kind === 'fixed' && version !== undefined && diagnostic === undefined) {
    states.addFix(platform, { ...component, version }, { version, line: platform.line, rating });
    return undefined;
  }
  if (kind === 'fixed' && platform.line === 'extended') {
    return skipped(`skipped: ${diagnostic ?? 'the fixed version is missing or invalid'}`);
  }
  if (kind === 'fixed') {
    states.addOpen(platform, component, { status: 'unknown', rating });
    return inexact(`treated as affected: ${diagnostic ?? 'the fixed version is missing or invalid'}`);
  }
  const status = kind === 'affected' ? open : kind === 'under-investigation' ? kind : 'unknown';
  states.addOpen(platform, component, { status: diagnostic === undefined ? status : 'unknown', rating });
  return diagnostic === undefined ? undefined : inexact(`treated as affected: ${diagnostic}`);
}

/**
 * Returns the status of an unfixed product. The categories are from CSAF 2.0 section 3.2.3.12.1, and the details are
 * the texts that Red Hat writes.
 */
function openStatus(product: string, { remediations }: CsafVulnerability): Status {
  for (const { category, details } of remediations.get(product) ?? []) {
    if (category === 'no_fix_planned') return details === 'Out of support scope' ? 'end-of-life' : 'ignored';
    if (category === 'none_available') return details === 'Fix deferred' ? 'postponed' : 'open';
  }
  return 'open';
}
