import { Type } from 'typebox';
import { textOf } from '../request-shape.ts';
import { SEVERITIES } from '../../model/severity.ts';

/** A page has this many entries when the client names no number, and never more than the other, whatever it asks for. */
const PAGE_SIZE = 25;
const MAX_PAGE_SIZE = 100;

export const IMAGE_DIGEST: Type.TString = Type.String(
  textOf('^sha256:[0-9a-f]{64}$', 'an image digest (sha256: and 64 hexadecimal digits)'),
);

/** The parameters of every list. */
export const LIST_QUERY: { readonly limit: Type.TOptional<Type.TString>; readonly page: Type.TOptional<Type.TString> } =
  {
    limit: Type.Optional(
      Type.String({
        ...textOf('^[1-9][0-9]{0,8}$', 'a number from 1 to 999999999'),
        description: `${PAGE_SIZE} when it is absent, ${MAX_PAGE_SIZE} at most`,
      }),
    ),
    page: Type.Optional(Type.String({ maxLength: 8192, description: 'opaque, of `nextPage`; good for an hour' })),
  };

/** How many entries a page has for what a client asks for. */
export function pageSize(limit: string | undefined): number {
  return Math.min(Number(limit ?? PAGE_SIZE), MAX_PAGE_SIZE);
}

/** Where the next page starts; null on the last one. */
export const NEXT_PAGE: Type.TSchema = Type.Union([Type.String(), Type.Null()]);

export const TIME: Type.TString = Type.String({ description: 'ISO 8601' });

export const DISTRIBUTION: Type.TSchema = Type.Union([
  Type.Object(
    { id: Type.String(), version: Type.String(), namespace: Type.String(), prettyName: Type.String() },
    { title: 'Distribution' },
  ),
  Type.Null(),
]);

/** A count of an image; null where the image has no counts. */
const COUNT = Type.Union([Type.Integer(), Type.Null()]);

const IMAGE_FIELDS = {
  digest: IMAGE_DIGEST,
  reference: Type.String(),
  platform: Type.String(),
  distribution: DISTRIBUTION,
  scannedAt: TIME,
  layers: Type.Integer(),
  countState: Type.String({ description: 'counted, waiting or failed' }),
  countedAt: Type.Union([TIME, Type.Null()]),
  isCurrent: Type.Boolean(),
  packages: COUNT,
  severities: Type.Union([
    Type.Object(Object.fromEntries(SEVERITIES.map((severity) => [severity, Type.Integer()])), { title: 'Severities' }),
    Type.Null(),
  ]),
  suppressed: COUNT,
  fixable: COUNT,
  fixableHigh: COUNT,
  kev: COUNT,
  isIncomplete: Type.Boolean(),
  diagnostics: COUNT,
};

export const IMAGE: Type.TSchema = Type.Object(IMAGE_FIELDS, { title: 'Image' });

/** An image of the same reference, by its digest. */
const OTHER_IMAGE = Type.Object(
  { digest: IMAGE_DIGEST, platform: Type.String(), scannedAt: TIME },
  { title: 'OtherImage' },
);

export const IMAGE_WITH_HISTORY: Type.TSchema = Type.Object(
  { ...IMAGE_FIELDS, history: Type.Array(OTHER_IMAGE) },
  { title: 'ImageWithHistory' },
);

/** The report that `clair scan --format json` writes; docs/report.md has its fields. */
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
    packages: Type.Array(Type.Object({})),
    findings: Type.Array(Type.Object({})),
    suppressed: Type.Array(Type.Object({})),
    undecided: Type.Object({ count: Type.Integer(), listed: Type.Array(Type.Object({})) }),
    coverage: Type.Array(Type.Object({})),
    feeds: Type.Array(Type.Object({})),
    diagnostics: Type.Array(Type.Object({})),
  },
  { title: 'Report' },
);
