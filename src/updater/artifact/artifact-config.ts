import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { DATABASE_CONFIG_TYPE } from '../../model/published-database.ts';
import { type EnricherRecord, EXPORT_FORMAT, type FeedRecord, isExportRecord } from '../exchange/export-record.ts';
import { compiledSchema } from '../exchange/compiled-schema.ts';
import { schemaFault } from '../exchange/schema-fault.ts';

/** The media types of a published database (image-spec, artifacts-guidance.md). */
export const MEDIA_TYPES: Readonly<Record<'artifact' | 'manifest' | 'config' | 'base' | 'complete' | 'delta', string>> =
  {
    artifact: 'application/vnd.clair.database.v1',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: DATABASE_CONFIG_TYPE,
    /** An SQLite file that is a complete database. */
    base: 'application/vnd.clair.database.sqlite.v1+zstd',
    /** The advisories or enrichments of one feed, as in exports. */
    complete: 'application/vnd.clair.database.records.v1+zstd',
    /** The changed and removed advisories or enrichments of one feed. */
    delta: 'application/vnd.clair.database.delta.v1+zstd',
  };

/** The format of published databases, incremented with every change that an older release cannot read. */
export const ARTIFACT_FORMAT = 1;

/** The maximum size of a manifest and of a configuration, in bytes; registries have the same limit for manifests. */
export const MAX_ARTIFACT_JSON: number = 4 * 1024 * 1024;

/** The maximum size of a compressed layer, in bytes. */
export const MAX_LAYER_BYTES: number = 4 * 1024 ** 3;

/** The maximum size of an uncompressed layer, in bytes. */
export const MAX_CONTENT_BYTES: number = 32 * 1024 ** 3;

/** The configuration of the OCI artifact, which describes the content of a published database. */
export type ArtifactConfig = {
  readonly format: number;
  /** The format of the advisories and enrichments; the same as the format of exports. */
  readonly records: number;
  /** The release of Clair that published the database. */
  readonly clair: string;
  /** The time of the publication, in ISO 8601, like all times. */
  readonly publishedAt: string;
  readonly feeds: readonly PublishedFeed[];
  /** The SQLite file; absent if the publisher wrote none. */
  readonly base?: PublishedBase;
};

/**
 * A feed with the advisories of one or more namespaces, or with the enrichments of one kind. Clients can download each
 * feed separately.
 */
export type PublishedFeed = {
  readonly state: FeedRecord | EnricherRecord;
  readonly namespaces: readonly string[];
  /** The number of advisories or enrichments. */
  readonly records: number;
  /** The fingerprint of the content (`FeedSnapshot`). */
  readonly fingerprint: string;
  /** All advisories or enrichments of the feed, possibly older than the publication. */
  readonly complete: PublishedLayer;
  /**
   * The changes from one publication to the next, in order. The content after the last delta has the fingerprint
   * `fingerprint`.
   */
  readonly deltas: readonly PublishedDelta[];
};

/** A blob of the artifact, and the state of the feed after it was applied. */
export type PublishedLayer = {
  readonly digest: string;
  readonly size: number;
  readonly records: number;
  readonly repositories: number;
  readonly fetchedAt: string;
  readonly fingerprint: string;
};

/** `from` is the fingerprint of the content to which the changes apply. */
export type PublishedDelta = PublishedLayer & { readonly from: string };

export type PublishedBase = {
  readonly digest: string;
  readonly size: number;
  /** The size of the SQLite file in bytes. */
  readonly bytes: number;
  readonly schema: number;
  /** The fingerprint of each feed in the file. */
  readonly feeds: Readonly<Record<string, string>>;
};

/** Parses a configuration. @throws ClairError `artifact/invalid`, `artifact/unsupported` */
export function parseArtifactConfig(text: string, where: string): ArtifactConfig {
  const value = parsed(text, where);
  const { format, records } = formatsOf(value);
  if (format > ARTIFACT_FORMAT || records > EXPORT_FORMAT) {
    throw new ClairError(
      'artifact/unsupported',
      `${where} has format ${format}.${records}, but this version of Clair supports only formats up to ${ARTIFACT_FORMAT}.${EXPORT_FORMAT}`,
    );
  }
  if (!isConfig(value)) throw invalid(where, schemaFault(CONFIG, value) ?? 'unexpected structure');
  for (const feed of value.feeds) checkFeed(feed, where);
  return value;
}

/** Returns the layers of a configuration; a layer may occur several times. */
export function layersOf({ feeds, base }: ArtifactConfig): readonly Pick<PublishedLayer, 'digest' | 'size'>[] {
  return [...feeds.flatMap(({ complete, deltas }) => [complete, ...deltas]), ...(base === undefined ? [] : [base])];
}

/** Returns the error for a malformed artifact. */
export function invalid(where: string, what: string): ClairError {
  return new ClairError('artifact/invalid', `${where} is not a valid published database: ${what}`);
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(where, 'the configuration is not JSON');
  }
}

function formatsOf(value: unknown): { readonly format: number; readonly records: number } {
  const number = (name: string): number => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return typeof found === 'number' ? found : 0;
  };
  return { format: number('format'), records: number('records') };
}

/** Checks the state of the feed and the chain of deltas, which the schema cannot describe. */
function checkFeed({ state, fingerprint, complete, deltas }: PublishedFeed, where: string): void {
  if (!isExportRecord(state) || (state.kind !== 'feed' && state.kind !== 'enricher')) {
    throw invalid(where, 'the state of a feed is malformed');
  }
  for (const [index, { from }] of deltas.entries()) {
    if (index > 0 && deltas[index - 1]?.fingerprint !== from) throw invalid(where, `${state.feed}: a delta is missing`);
  }
  const ends = [complete, ...deltas].map((each) => each.fingerprint);
  if (!(ends.at(-1) === fingerprint || complete.fingerprint === fingerprint)) {
    throw invalid(where, `${state.feed}: neither the complete layer nor the last delta has the published fingerprint`);
  }
}

function isConfig(value: unknown): value is ArtifactConfig {
  return CONFIG.Check(value);
}

const Count = Type.Integer({ minimum: 0 });
const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
const BLOB = {
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 1, maximum: MAX_LAYER_BYTES }),
} as const;
const LAYER = { ...BLOB, records: Count, repositories: Count, fetchedAt: Time, fingerprint: Hash } as const;

const CONFIG = compiledSchema(
  Type.Object({
    format: Type.Integer({ minimum: 1 }),
    records: Type.Integer({ minimum: 1 }),
    clair: Type.String({ maxLength: 100 }),
    publishedAt: Time,
    feeds: Type.Array(
      Type.Object({
        state: Type.Unknown(),
        namespaces: Type.Array(Type.String()),
        records: Count,
        fingerprint: Hash,
        complete: Type.Object(LAYER),
        deltas: Type.Array(Type.Object({ ...LAYER, from: Hash }), { maxItems: 100 }),
      }),
      { maxItems: 200 },
    ),
    base: Type.Optional(
      Type.Object({
        ...BLOB,
        bytes: Type.Integer({ minimum: 1, maximum: MAX_CONTENT_BYTES }),
        schema: Count,
        feeds: Type.Record(Type.String(), Hash),
      }),
    ),
  }),
);
