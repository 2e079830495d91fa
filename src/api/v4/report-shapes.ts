import { Type } from 'typebox';

/** The schemas of the Clair v4 bodies, with the members that Quay requires and the types that Go decodes. */

const TEXT: Type.TString = Type.String();

const SOURCE: Type.TSchema = Type.Object(
  { id: TEXT, name: TEXT, version: TEXT, kind: Type.Literal('source'), normalized_version: TEXT, cpe: TEXT },
  { title: 'SourcePackage' },
);

export const PACKAGE: Type.TSchema = Type.Object(
  {
    id: TEXT,
    name: TEXT,
    version: TEXT,
    kind: Type.Union([Type.Literal('binary'), Type.Literal('source')]),
    source: Type.Optional(SOURCE),
    normalized_version: TEXT,
    arch: Type.Optional(TEXT),
    cpe: TEXT,
  },
  { title: 'Package' },
);

export const DISTRIBUTION: Type.TSchema = Type.Object(
  {
    id: TEXT,
    did: Type.String({ description: '`ID` of os-release' }),
    name: TEXT,
    version: TEXT,
    version_code_name: TEXT,
    version_id: TEXT,
    arch: TEXT,
    cpe: TEXT,
    pretty_name: TEXT,
  },
  { title: 'Distribution' },
);

export const REPOSITORY: Type.TSchema = Type.Object(
  { id: TEXT, name: TEXT, key: TEXT, uri: TEXT, cpe: TEXT },
  { title: 'Repository' },
);

const ENVIRONMENT: Type.TSchema = Type.Object(
  {
    package_db: Type.String({
      description:
        'path of the package database; for libraries, a prefix such as `python:` and the path of the library',
    }),
    introduced_in: Type.String({ description: 'digest of the layer, as posted' }),
    distribution_id: TEXT,
    repository_ids: Type.Array(TEXT),
  },
  { title: 'Environment' },
);

/** The members that the index report and the vulnerability report share. */
export const INVENTORY: Readonly<Record<keyof InventoryBody, Type.TSchema>> = {
  packages: Type.Record(TEXT, PACKAGE),
  distributions: Type.Record(TEXT, DISTRIBUTION),
  repository: Type.Record(TEXT, REPOSITORY),
  environments: Type.Record(TEXT, Type.Array(ENVIRONMENT, { minItems: 1 })),
};

/** The members that Clair adds to both reports; Clair v4 clients ignore these members. */
export const REMARKS: Readonly<Record<'problems' | 'incomplete', Type.TSchema>> = {
  problems: Type.Array(Type.Object({ code: TEXT, message: TEXT, where: TEXT }), {
    description: 'the diagnostics of the report; not in Clair v4',
  }),
  incomplete: Type.Boolean({ description: 'whether findings may be missing; not in Clair v4' }),
};

/** The members that Clair adds to the index report, which applies neither advisories nor file rules. */
export const INDEX_REMARKS: typeof REMARKS = {
  problems: Type.Array(Type.Object({ code: TEXT, message: TEXT, where: TEXT }), {
    description: 'the diagnostics about the analysis and the feeds, not about findings or file rules; not in Clair v4',
  }),
  incomplete: Type.Boolean({
    description:
      'whether findings may be missing; a vulnerability report can be incomplete for more reasons; not in Clair v4',
  }),
};

export type InventoryBody = {
  readonly packages: Readonly<Record<string, PackageBody>>;
  readonly distributions: Readonly<Record<string, DistributionBody>>;
  readonly repository: Readonly<Record<string, RepositoryBody>>;
  readonly environments: Readonly<Record<string, readonly EnvironmentBody[]>>;
};

export type PackageBody = SourceBody & { readonly source?: SourceBody; readonly arch?: string };

type SourceBody = Readonly<Record<'id' | 'name' | 'version' | 'normalized_version' | 'cpe', string>> & {
  readonly kind: 'binary' | 'source';
};

export type DistributionBody = Readonly<
  Record<
    'id' | 'did' | 'name' | 'version' | 'version_code_name' | 'version_id' | 'arch' | 'cpe' | 'pretty_name',
    string
  >
>;

export type RepositoryBody = Readonly<Record<'id' | 'name' | 'key' | 'uri' | 'cpe', string>>;

export type EnvironmentBody = Readonly<Record<'package_db' | 'introduced_in' | 'distribution_id', string>> & {
  readonly repository_ids: readonly string[];
};
