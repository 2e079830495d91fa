import { Type } from 'typebox';
import { type Advisory, isAdvisoryId, MAX_GO_NAME, MAX_IMPORTS, MAX_SYMBOLS } from '../../model/advisories/advisory.ts';
import type { EnrichmentKind } from '../../model/enrichment.ts';
import { MAX_CPES, MAX_REPOSITORIES } from '../../model/repository-cpes.ts';
import { SEVERITIES } from '../../model/severity.ts';
import type { FeedState } from '../../model/feed.ts';
import { STATUSES } from '../../model/advisories/status.ts';
import { SCHEMES } from '../../versions/index.ts';
import { BY_NAMESPACE, type FeedScheme, schemeIn } from '../../ecosystems/feed-scheme.ts';
import { compiledSchema } from './compiled-schema.ts';
import { schemaFault } from './schema-fault.ts';

/**
 * The format of exports, incremented with every change that an older release cannot read, such as a new kind of record.
 * A release reads all formats up to the format that it writes. Format 1 had no enrichments and no repositories;
 * `former-formats.ts` lists the other differences of formats 1 to 3.
 */
export const EXPORT_FORMAT = 7;

/** The maximum size of a record, in bytes; an advisory of this size has about 500,000 intervals. */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;

/**
 * A line of an export: a JSON object. An export starts with the header. The advisory feeds follow by name, each with
 * its state, its repositories by name and its advisories by identifier. The enrichment feeds follow by name, each with
 * its state and its enrichments by CVE. The last line is the end record.
 */
export type ExportRecord =
  | HeaderRecord
  | FeedRecord
  | RepositoryRecord
  | AdvisoryRecord
  | EnricherRecord
  | EnrichmentRecord
  | GoneRecord
  | EndRecord;

export type HeaderRecord = {
  readonly kind: 'clair-export';
  readonly format: number;
  /** The release of Clair that wrote the export. */
  readonly clair: string;
  /** The time of the export, in ISO 8601, like all times. */
  readonly exportedAt: string;
  readonly feeds: readonly {
    readonly feed: string;
    readonly advisories: number;
    /** The number of repositories; absent if there are no repositories. */
    readonly repositories?: number;
  }[];
  /** The enrichment feeds; absent in format 1. */
  readonly enrichers?: readonly { readonly feed: string; readonly enrichments: number }[];
};

type StateRecord = Pick<FeedState, 'feed' | 'etag' | 'lastModified' | 'recordDiagnostics'> & {
  readonly fetcherVersion: number;
  /** The time when the feed was last fetched or found unchanged. */
  readonly fetchedAt: string;
};

export type FeedRecord = StateRecord & { readonly kind: 'feed'; readonly scheme: FeedScheme };

/** The products (CPEs) to which the packages of a repository belong. */
export type RepositoryRecord = { readonly kind: 'repository'; readonly name: string; readonly cpes: readonly string[] };

export type AdvisoryRecord = Advisory & {
  readonly kind: 'advisory';
  /** The hash that updates compare, in hexadecimal. The hash covers the parts from which the advisory was merged. */
  readonly contentHash: string;
};

export type EnricherRecord = StateRecord & { readonly kind: 'enricher'; readonly enrichmentKind: EnrichmentKind };

/** `enrichmentFault` validates the value, because its shape depends on the kind. */
export type EnrichmentRecord = { readonly kind: 'enrichment'; readonly cve: string; readonly value: unknown };

/**
 * The names of advisories or enrichments that a delta of a published database removes. Exports do not contain this
 * record.
 */
export type GoneRecord = { readonly kind: 'gone'; readonly names: readonly string[] };

export type EndRecord = {
  readonly kind: 'end';
  readonly feeds: number;
  readonly advisories: number;
  /** The number of enrichment feeds; `enrichers` and `enrichments` are absent in format 1. */
  readonly enrichers?: number;
  readonly enrichments?: number;
};

/** Returns whether `value` has the shape of a record. */
export function isExportRecord(value: unknown): value is ExportRecord {
  return recordFault(value) === undefined;
}

/** Returns how a value violates the shape of a record; undefined for a valid record. */
export function recordFault(value: unknown): string | undefined {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const schema = VALIDATORS.find((each) => each.kind === kind)?.schema;
  if (schema === undefined) return `unknown kind of entry ${JSON.stringify(kind)}`;
  return schemaFault(schema, value);
}

/**
 * Returns the fault of the identifier, a namespace or a version of an advisory; undefined without a fault. The shape of
 * the advisory must already be valid.
 */
export function advisoryFault({ id, affected }: Advisory, feedScheme: FeedScheme): string | undefined {
  if (!isAdvisoryId(id)) return `invalid advisory identifier ${JSON.stringify(id)}`;
  for (const { namespace, introduced, fixed, lastAffected } of affected) {
    const scheme = schemeIn(feedScheme, namespace);
    if (scheme === undefined) return `${id}: the namespace ${namespace} has no version scheme`;
    for (const version of [introduced, fixed, lastAffected]) {
      if (version === undefined) continue;
      try {
        SCHEMES[scheme].key(version);
      } catch (error) {
        return `${id}: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  }
  return undefined;
}

const STRICT = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, pattern: '^[^\\x00-\\x1f]*$' });
const Version = Type.String({ minLength: 1 });
const Count = Type.Integer({ minimum: 0 });
const RepositoryCount = Type.Integer({ minimum: 1, maximum: MAX_REPOSITORIES });
const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
const StringOrNull = Type.Union([Type.String(), Type.Null()]);

const HEADER = Type.Object(
  {
    kind: Type.Literal('clair-export'),
    format: Count,
    clair: Type.String(),
    exportedAt: Time,
    feeds: Type.Array(
      Type.Object({ feed: Name, advisories: Count, repositories: Type.Optional(RepositoryCount) }, STRICT),
    ),
    enrichers: Type.Optional(Type.Array(Type.Object({ feed: Name, enrichments: Count }, STRICT))),
  },
  STRICT,
);

const RECORD_DIAGNOSTIC = Type.Object({ kind: Type.Enum(['skipped', 'inexact']), message: Type.String() }, STRICT);

const STATE = {
  feed: Name,
  fetcherVersion: Count,
  fetchedAt: Time,
  etag: StringOrNull,
  lastModified: StringOrNull,
  // `skipped` is optional, because older exports do not count skipped advisories.
  recordDiagnostics: Type.Object(
    { count: Count, skipped: Type.Optional(Count), examples: Type.Array(RECORD_DIAGNOSTIC) },
    STRICT,
  ),
} as const;

const FEED = Type.Object(
  { kind: Type.Literal('feed'), scheme: Type.Enum([...Object.keys(SCHEMES), BY_NAMESPACE]), ...STATE },
  STRICT,
);

/** The CPE of a product, or a prefix of the CPE. */
const Cpe = Type.String({ pattern: '^cpe:/[aho](:[^:\\x00-\\x20]+){2,3}$', maxLength: 256 });

const REPOSITORY = Type.Object(
  { kind: Type.Literal('repository'), name: Name, cpes: Type.Array(Cpe, { minItems: 1, maxItems: MAX_CPES }) },
  STRICT,
);

const ENRICHER = Type.Object(
  { kind: Type.Literal('enricher'), enrichmentKind: Type.Enum(['cvss', 'epss', 'kev']), ...STATE },
  STRICT,
);

const ENRICHMENT = Type.Object({ kind: Type.Literal('enrichment'), cve: Name, value: Type.Unknown() }, STRICT);

const GO_NAME = Type.String({ minLength: 1, maxLength: MAX_GO_NAME, pattern: '^[^\\x00-\\x20]*$' });

const AFFECTED_IMPORT = Type.Object(
  {
    path: GO_NAME,
    symbols: Type.Optional(Type.Array(GO_NAME, { minItems: 1, maxItems: MAX_SYMBOLS })),
    goos: Type.Optional(Type.Array(GO_NAME, { minItems: 1, maxItems: MAX_SYMBOLS })),
    goarch: Type.Optional(Type.Array(GO_NAME, { minItems: 1, maxItems: MAX_SYMBOLS })),
  },
  STRICT,
);

const AFFECTED_PACKAGE = Type.Object(
  {
    /** The name of the namespace, such as `debian:12` or `wolfi` (`src/model/releases/namespace.ts`). */
    namespace: Type.String({ pattern: '^[a-z][a-z0-9._-]*(:[A-Za-z0-9][A-Za-z0-9._+-]*)?$' }),
    package: Name,
    introduced: Type.Optional(Version),
    fixed: Type.Optional(Version),
    lastAffected: Type.Optional(Version),
    role: Type.Optional(Type.Literal('source')),
    severity: Type.Enum([...SEVERITIES]),
    severityFrom: Type.Optional(Type.Literal('cvss')),
    status: Type.Enum([...STATUSES]),
    archs: Type.Optional(Type.Array(Type.String({ pattern: '^[^,\\x00-\\x1f]*$' }))),
    module: Type.Optional(Name),
    cpe: Type.Optional(Cpe),
    imports: Type.Optional(Type.Array(AFFECTED_IMPORT, { minItems: 1, maxItems: MAX_IMPORTS })),
  },
  STRICT,
);

const ADVISORY = Type.Object(
  {
    kind: Type.Literal('advisory'),
    contentHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    id: Name,
    link: Type.String(),
    description: Type.String(),
    aliases: Type.Optional(Type.Array(Name)),
    affected: Type.Array(AFFECTED_PACKAGE),
  },
  STRICT,
);

const GONE = Type.Object({ kind: Type.Literal('gone'), names: Type.Array(Name) }, STRICT);

const END = Type.Object(
  {
    kind: Type.Literal('end'),
    feeds: Count,
    advisories: Count,
    enrichers: Type.Optional(Count),
    enrichments: Type.Optional(Count),
  },
  STRICT,
);

/** The validators by kind, most frequent kinds first. */
const VALIDATORS = [
  { kind: 'advisory', schema: compiledSchema(ADVISORY) },
  { kind: 'repository', schema: compiledSchema(REPOSITORY) },
  { kind: 'enrichment', schema: compiledSchema(ENRICHMENT) },
  { kind: 'feed', schema: compiledSchema(FEED) },
  { kind: 'enricher', schema: compiledSchema(ENRICHER) },
  { kind: 'clair-export', schema: compiledSchema(HEADER) },
  { kind: 'gone', schema: compiledSchema(GONE) },
  { kind: 'end', schema: compiledSchema(END) },
] as const;
