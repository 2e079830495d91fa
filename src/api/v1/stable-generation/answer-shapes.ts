import { Type } from 'typebox';
import { SCHEME_LIST } from '../../../versions/index.ts';
import { PACKAGE_NAME, VULNERABILITY_NAME } from '../shapes.ts';

export const VERSION_FORMAT: Type.TString = Type.String({ description: `version scheme: ${SCHEME_LIST}` });

/** The fixed version of a package in a namespace; `Version` is `None` if no fix exists. */
export type Fix = {
  readonly Name: string;
  readonly NamespaceName: string;
  readonly VersionFormat: string;
  readonly Version: string;
};

export const FIX: Type.TSchema = Type.Object(
  {
    Name: PACKAGE_NAME,
    NamespaceName: Type.String(),
    VersionFormat: VERSION_FORMAT,
    Version: Type.String({ description: 'fixed version; `None` if there is no fix' }),
  },
  { title: 'Fix' },
);

/** A vulnerability in a namespace, without empty fields. */
export type VulnerabilityJson = {
  readonly Name: string;
  readonly NamespaceName: string;
  readonly Description?: string;
  readonly Link?: string;
  readonly Severity: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly FixedIn?: readonly Fix[];
};

const VULNERABILITY_FIELDS = {
  Name: VULNERABILITY_NAME,
  NamespaceName: Type.String(),
  Description: Type.Optional(Type.String()),
  Link: Type.Optional(Type.String()),
  Severity: Type.String(),
  Metadata: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'CVSS vectors and scores under `NVD`, and the metadata of a manual vulnerability',
    }),
  ),
};

export const VULNERABILITY: Type.TSchema = Type.Object(
  { ...VULNERABILITY_FIELDS, FixedIn: Type.Optional(Type.Array(FIX)) },
  { title: 'Vulnerability' },
);

/** A vulnerability of a package; `FixedBy` is absent if no fix exists. */
export type FeatureVulnerability = Omit<VulnerabilityJson, 'FixedIn'> & { readonly FixedBy?: string };

const FEATURE_VULNERABILITY = Type.Object(
  {
    ...VULNERABILITY_FIELDS,
    FixedBy: Type.Optional(Type.String({ description: 'fixed version; absent if there is no fix' })),
  },
  { title: 'FeatureVulnerability' },
);

/** A package, or a file with a vulnerability, in the file system of a layer and the layers below it. */
export type Feature = {
  readonly Name: string;
  readonly NamespaceName?: string;
  readonly VersionFormat: string;
  readonly Version: string;
  readonly Arch: string;
  readonly SourceName: string;
  readonly SourceVersion: string;
  readonly Vulnerabilities?: readonly FeatureVulnerability[];
  /** The name of the layer that added this version. */
  readonly AddedBy?: string;
};

export const FEATURE: Type.TSchema = Type.Object(
  {
    Name: Type.String({ description: 'name of the binary package' }),
    NamespaceName: Type.Optional(Type.String()),
    VersionFormat: VERSION_FORMAT,
    Version: Type.String({ description: 'version of the binary package' }),
    Arch: Type.String({ description: 'architecture; empty if unknown' }),
    SourceName: Type.String({ description: 'name of the source package' }),
    SourceVersion: Type.String({ description: 'version of the source package' }),
    Vulnerabilities: Type.Optional(Type.Array(FEATURE_VULNERABILITY)),
    AddedBy: Type.Optional(Type.String({ description: 'name of the layer that added this version' })),
  },
  { title: 'Feature' },
);
