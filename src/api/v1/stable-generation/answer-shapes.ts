import { Type } from 'typebox';
import { PACKAGE_NAME, VERSION, VULNERABILITY_NAME } from '../shapes.ts';

/** The version from which on a package is not affected; `None` stands for no such version. */
export type Fix = {
  readonly Name: string;
  readonly NamespaceName: string;
  readonly VersionFormat: string;
  readonly Version: string;
};

export const FIX: Type.TSchema = Type.Object(
  { Name: PACKAGE_NAME, NamespaceName: Type.String(), VersionFormat: Type.String(), Version: VERSION },
  { title: 'Fix' },
);

/** A vulnerability of one namespace; what is empty is left out. */
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
  Metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
};

export const VULNERABILITY: Type.TSchema = Type.Object(
  { ...VULNERABILITY_FIELDS, FixedIn: Type.Optional(Type.Array(FIX)) },
  { title: 'Vulnerability' },
);

/** A vulnerability that is found in a package; without `FixedBy` no version repairs it. */
export type FeatureVulnerability = Omit<VulnerabilityJson, 'FixedIn'> & { readonly FixedBy?: string };

const FEATURE_VULNERABILITY = Type.Object(
  { ...VULNERABILITY_FIELDS, FixedBy: Type.Optional(Type.String()) },
  { title: 'FeatureVulnerability' },
);

/** A package that is installed at a layer. `Name` and `Version` are the binary package's. */
export type Feature = {
  readonly Name: string;
  readonly NamespaceName?: string;
  readonly VersionFormat: string;
  readonly Version: string;
  readonly Arch: string;
  readonly SourceName: string;
  readonly SourceVersion: string;
  readonly Vulnerabilities?: readonly FeatureVulnerability[];
  /** The name of the layer that brought it. */
  readonly AddedBy?: string;
};

export const FEATURE: Type.TSchema = Type.Object(
  {
    Name: Type.String(),
    NamespaceName: Type.Optional(Type.String()),
    VersionFormat: Type.String(),
    Version: Type.String(),
    Arch: Type.String(),
    SourceName: Type.String(),
    SourceVersion: Type.String(),
    Vulnerabilities: Type.Optional(Type.Array(FEATURE_VULNERABILITY)),
    AddedBy: Type.Optional(Type.String()),
  },
  { title: 'Feature' },
);
