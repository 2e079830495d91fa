import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { CWE_ID_PATTERN } from '../model/enrichment.ts';
import { DIAGNOSTICS, type DiagnosticCode } from '../model/report/diagnostic.ts';
import type { Report } from '../model/report/report.ts';
import { LIBRARY_FLAGS } from '../model/feature.ts';
import { FINDING_CLASSES } from '../model/report/finding-class.ts';
import { REACHABILITIES } from '../model/reachability.ts';
import { REACHABILITY_BASES } from '../model/report/finding-reachability.ts';
import { SEVERITIES, SEVERITY_ORIGINS } from '../model/severity.ts';
import { NOTES, STATUSES } from '../model/advisories/status.ts';

/**
 * Checks the JSON of a report, which must have all fields of `Report` and may have other fields. An unknown value in a
 * field is a fault.
 *
 * @returns the report, or the JSON pointer of the fault
 */
export function readReport(value: unknown): { readonly report: Report } | { readonly fault: string } {
  if (Value.Check(REPORT, value)) return { report: value };
  const [error] = Value.Errors(REPORT, value);
  return { fault: error?.instancePath || '/' };
}

const TEXT = Type.String();
const NUMBER = Type.Number();
const COUNT = Type.Integer({ minimum: 0 });
const TEXT_OR_NULL = Type.Union([TEXT, Type.Null()]);
const VERSIONED = Type.Object({ name: TEXT, version: TEXT });

const CVE = Type.Object({
  id: TEXT,
  cvss: Type.Optional(
    Type.Array(
      Type.Object({
        version: Type.Enum(['2.0', '3.0', '3.1', '4.0']),
        vector: TEXT,
        score: NUMBER,
        source: TEXT,
        type: Type.Enum(['primary', 'secondary']),
        accessVector: Type.Enum(['network', 'adjacent', 'local', 'physical']),
        complexity: Type.Enum(['low', 'medium', 'high']),
        cwes: Type.Optional(Type.Array(Type.String({ pattern: CWE_ID_PATTERN }))),
      }),
    ),
  ),
  epss: Type.Optional(Type.Object({ score: NUMBER, percentile: Type.Optional(NUMBER), date: Type.Optional(TEXT) })),
  kev: Type.Optional(
    Type.Object({
      name: Type.Optional(TEXT),
      added: Type.Optional(TEXT),
      due: Type.Optional(TEXT),
      action: Type.Optional(TEXT),
      ransomware: Type.Optional(Type.Boolean()),
    }),
  ),
});

const JUDGED = {
  id: TEXT,
  namespace: TEXT,
  status: Type.Enum([...STATUSES]),
  package: TEXT,
  version: TEXT,
  purl: TEXT,
  source: VERSIONED,
  layer: COUNT,
};

const FINDING = {
  ...JUDGED,
  aliases: Type.Array(TEXT),
  paths: Type.Array(TEXT),
  candidates: Type.Array(TEXT),
  cves: Type.Array(CVE),
  severity: Type.Enum([...SEVERITIES]),
  severityFrom: Type.Enum([...SEVERITY_ORIGINS]),
  risk: NUMBER,
  class: Type.Enum([...FINDING_CLASSES]),
  type: TEXT,
  fixedIn: TEXT_OR_NULL,
  link: TEXT,
  links: Type.Array(TEXT),
  description: TEXT,
  reachability: Type.Union([Type.Enum([...REACHABILITIES]), Type.Null()]),
  reachabilityBasis: Type.Union([Type.Enum([...REACHABILITY_BASES]), Type.Null()]),
  reachabilityReason: TEXT_OR_NULL,
};

const NOTE = Type.Object({
  kind: Type.Enum([...NOTES]),
  id: TEXT,
  namespace: TEXT,
  type: TEXT,
  package: TEXT,
  version: TEXT,
  purl: TEXT,
  paths: Type.Array(TEXT),
  layer: COUNT,
  link: TEXT,
  description: TEXT,
});

const SUPPRESSION = Type.Object({
  by: Type.Enum(['ignore', 'openvex', 'csaf', 'sbom', 'attestation']),
  where: TEXT,
  justification: TEXT_OR_NULL,
  reason: TEXT,
  author: TEXT_OR_NULL,
  expires: TEXT_OR_NULL,
});

const SOURCE = Type.Object({
  name: TEXT,
  updatedAt: TEXT_OR_NULL,
  attemptedAt: TEXT,
  ageSeconds: Type.Union([NUMBER, Type.Null()]),
  isStale: Type.Boolean(),
  error: TEXT_OR_NULL,
  refused: TEXT_OR_NULL,
  fingerprint: TEXT_OR_NULL,
  vulnerabilities: COUNT,
  recordDiagnostics: COUNT,
  skippedRecords: COUNT,
  isUsed: Type.Boolean(),
  listsFixedOnly: Type.Boolean(),
});

const COVERAGE = Type.Object({ namespace: TEXT_OR_NULL, packages: COUNT, feeds: Type.Array(TEXT) });

const LAYER = Type.Object({
  index: COUNT,
  digest: TEXT,
  diffId: TEXT,
  createdBy: TEXT,
  origin: Type.Enum(['base', 'own', 'unknown']),
  size: Type.Union([COUNT, Type.Null()]),
  packagesAdded: COUNT,
  packagesRemoved: COUNT,
  unknownExecutables: COUNT,
});

const COUNTS = { cves: COUNT, packages: COUNT, findings: COUNT, fixable: COUNT };

const REPORT = Type.Object({
  schemaVersion: Type.Literal(2),
  createdAt: TEXT,
  clairVersion: TEXT,
  target: Type.Object({ kind: TEXT, reference: TEXT, digest: TEXT, platform: TEXT }),
  distribution: Type.Union([Type.Object({ id: TEXT, version: TEXT, namespace: TEXT, prettyName: TEXT }), Type.Null()]),
  contentSets: Type.Array(TEXT),
  layers: Type.Array(LAYER),
  layersVerified: Type.Boolean(),
  packages: Type.Array(
    Type.Object({
      namespace: Type.Union([TEXT, Type.Null()]),
      name: TEXT,
      version: TEXT,
      arch: TEXT,
      type: TEXT,
      purl: TEXT,
      source: VERSIONED,
      paths: Type.Array(TEXT),
      flags: Type.Array(Type.Enum([...LIBRARY_FLAGS])),
      candidates: Type.Array(TEXT),
      owner: Type.Union([Type.Object({ type: TEXT, name: TEXT_OR_NULL, version: TEXT_OR_NULL }), Type.Null()]),
      layer: COUNT,
    }),
  ),
  counts: Type.Object({
    ...COUNTS,
    kernelHeaders: COUNT,
    unrated: COUNT,
    severities: Type.Record(Type.Enum([...SEVERITIES]), Type.Object(COUNTS)),
  }),
  findings: Type.Array(Type.Object(FINDING)),
  suppressed: Type.Array(Type.Object({ ...FINDING, suppression: SUPPRESSION })),
  undecided: Type.Object({ count: COUNT, listed: Type.Array(Type.Object({ ...JUDGED, reportedBy: TEXT })) }),
  notes: Type.Array(NOTE),
  coverage: Type.Array(COVERAGE),
  feeds: Type.Array(SOURCE),
  diagnostics: Type.Array(
    Type.Object({
      code: Type.Unsafe<DiagnosticCode>(Type.Enum(Object.keys(DIAGNOSTICS))),
      message: TEXT,
      where: TEXT,
      incomplete: Type.Boolean(),
    }),
  ),
});
