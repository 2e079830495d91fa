import { Type } from 'typebox';
import { limitParameter } from '../page-position.ts';
import { textOf } from '../request-shape.ts';
import { DIGEST_PATTERN } from '../../model/digest.ts';
import { SEVERITIES } from '../../model/severity.ts';

/** The default number of entries on a page. */
const PAGE_SIZE = 25;

/** The maximum number of entries on a page. */
const MAX_PAGE_SIZE = 100;

export const IMAGE_DIGEST: Type.TString = Type.String({
  ...textOf(`^${DIGEST_PATTERN}$`, 'an image digest (sha256: and 64 hexadecimal digits, or sha512: and 128)'),
  description: 'digest of the image: sha256: and 64 hexadecimal digits, or sha512: and 128',
});

type ListQuery = { readonly limit: Type.TOptional<Type.TString>; readonly page: Type.TOptional<Type.TString> };

/** Returns the parameters of a list whose pages have at most `max` entries. */
export function listQuery(max: number): ListQuery {
  return {
    limit: limitParameter(`entries per page, from 1 to 999999999; a page has at most ${max}; default ${PAGE_SIZE}`),
    page: Type.Optional(
      Type.String({ maxLength: 8192, description: 'token from `nextPage` of the previous page; valid for 1 hour' }),
    ),
  };
}

/** The parameters of most lists. */
export const LIST_QUERY: ListQuery = listQuery(MAX_PAGE_SIZE);

/** Returns the page size for a requested limit; without a limit, the default page size. */
export function pageSize(limit: string | undefined, max: number = MAX_PAGE_SIZE): number {
  return Math.min(Number(limit ?? PAGE_SIZE), max);
}

/** The token of the next page; null on the last page. */
export const NEXT_PAGE: Type.TSchema = Type.Union([Type.String(), Type.Null()], {
  description: 'token of the next page; null on the last page',
});

export const TIME: Type.TString = Type.String({ description: 'ISO 8601' });

export const DISTRIBUTION: Type.TSchema = Type.Union([
  Type.Object(
    {
      id: Type.String(),
      version: Type.String(),
      namespace: Type.String({ description: 'such as debian:12' }),
      prettyName: Type.String(),
    },
    { title: 'Distribution' },
  ),
  Type.Null(),
]);

/** Returns the schema of a count of an image; the count is null unless `countState` is `counted`. */
function countOf(what: string): Type.TSchema {
  return Type.Union([Type.Integer(), Type.Null()], { description: what });
}

function flagOf(what: string): Type.TSchema {
  return Type.Union([Type.Boolean(), Type.Null()], { description: `${what}; null without counts` });
}

const IMAGE_FIELDS = {
  digest: IMAGE_DIGEST,
  reference: Type.String({ description: 'reference under which the image was last scanned' }),
  platform: Type.String({ description: 'os/architecture[/variant]' }),
  distribution: DISTRIBUTION,
  scannedAt: TIME,
  layers: Type.Integer({ description: 'number of layers' }),
  countState: Type.String({
    description:
      '`counted`, `waiting` (not counted yet) or `failed` (usually because counting needs more than 256 MB or one minute; retried when the data changes)',
  }),
  countedAt: Type.Union([TIME, Type.Null()], {
    description: 'time when the image was counted or when counting failed, ISO 8601; null if `countState` is `waiting`',
  }),
  isCurrent: Type.Boolean({ description: 'false if the counts may be out of date' }),
  packages: countOf('installed packages; all counts are null unless `countState` is counted'),
  severities: Type.Union(
    [
      Type.Object(Object.fromEntries(SEVERITIES.map((severity) => [severity, Type.Integer()])), {
        title: 'Severities',
      }),
      Type.Null(),
    ],
    { description: 'findings by severity, excluding suppressed findings' },
  ),
  suppressed: countOf('suppressed findings'),
  fixable: countOf('findings with a fixed version'),
  fixableHigh: countOf('findings of High or above with a fixed version'),
  kev: countOf('findings with a CVE in KEV'),
  isIncomplete: Type.Boolean({ description: 'true if findings may be missing, or if the image has no counts' }),
  hasStaleFeed: flagOf('whether a feed for the image is stale, or newer data of the feed was refused'),
  hasMissingFeed: flagOf('whether no feed covers a release in the image, or its feed was never imported'),
  diagnostics: countOf('diagnostics of the report'),
};

export const IMAGE: Type.TSchema = Type.Object(IMAGE_FIELDS, { title: 'Image' });

const OTHER_IMAGE = Type.Object(
  { digest: IMAGE_DIGEST, platform: Type.String(), scannedAt: TIME },
  { title: 'OtherImage' },
);

export const IMAGE_WITH_HISTORY: Type.TSchema = Type.Object(
  {
    ...IMAGE_FIELDS,
    history: Type.Array(OTHER_IMAGE, {
      description: 'other images with the same reference, most recently scanned first, at most 100',
    }),
  },
  { title: 'ImageWithHistory' },
);

/** The JSON report of `clair scan`; docs/reference/report.md describes its fields. */
export const REPORT: Type.TSchema = Type.Object(
  {
    schemaVersion: Type.Literal(2),
    createdAt: TIME,
    clairVersion: Type.String(),
    target: Type.Object({
      kind: Type.String(),
      reference: Type.String(),
      digest: Type.String(),
      platform: Type.String(),
    }),
    distribution: DISTRIBUTION,
    contentSets: Type.Array(Type.String()),
    layers: Type.Array(Type.Object({})),
    layersVerified: Type.Boolean(),
    packages: Type.Array(Type.Object({})),
    counts: Type.Object({}),
    findings: Type.Array(Type.Object({})),
    suppressed: Type.Array(Type.Object({})),
    undecided: Type.Object({ count: Type.Integer(), listed: Type.Array(Type.Object({})) }),
    notes: Type.Array(Type.Object({})),
    coverage: Type.Array(Type.Object({})),
    feeds: Type.Array(Type.Object({})),
    diagnostics: Type.Array(Type.Object({})),
  },
  { title: 'Report' },
);
