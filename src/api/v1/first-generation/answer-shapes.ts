import { Type } from 'typebox';
import { DIAGNOSTICS } from '../shapes.ts';

/** `OS`, `Name` and `Version` are fields of Clair v1; the other fields are additions. */
const PACKAGE_FIELDS = {
  OS: Type.String({ description: 'namespace, such as debian:12; empty if no feed can cover the package' }),
  Name: Type.String({ description: 'name of the binary package' }),
  Version: Type.String({ description: 'version of the binary package' }),
  Arch: Type.String({ description: 'architecture; empty if unknown' }),
  SourceName: Type.String({ description: 'name of the source package' }),
  SourceVersion: Type.String({ description: 'version of the source package' }),
};

const PACKAGE = Type.Object(PACKAGE_FIELDS, { title: 'Package' });

const CAUSE = Type.Object(
  {
    ...PACKAGE_FIELDS,
    FixedIn: Type.Union([Type.String(), Type.Null()], {
      description: 'fixed version; null if no version fixes the vulnerability',
    }),
    Status: Type.String({ description: 'status in the feed, such as fixed or open' }),
    Priority: Type.String({ description: 'severity for this package' }),
    LayerDepth: Type.Integer({ description: 'number of layers below the layer that added this version' }),
  },
  { title: 'Cause' },
);

const FOUND = Type.Object(
  {
    ID: Type.String(),
    Link: Type.String(),
    Priority: Type.String({ description: 'worst severity of the vulnerability in all vulnerable packages' }),
    Description: Type.String(),
    CausedByPackage: Type.String({ description: 'name of one of the vulnerable packages' }),
    Causes: Type.Array(CAUSE, { description: 'all vulnerable packages' }),
  },
  { title: 'FoundVulnerability' },
);

const HIDDEN = Type.Record(Type.String(), Type.Integer(), {
  title: 'Hidden',
  description:
    'number of vulnerabilities below `minimumPriority`, by priority; priorities without vulnerabilities are absent',
});

export const PACKAGES: Type.TSchema = Type.Object({ Packages: Type.Array(PACKAGE), Problems: DIAGNOSTICS });

export const PACKAGE_DIFFERENCE: Type.TSchema = Type.Object({
  InstalledPackages: Type.Array(PACKAGE),
  RemovedPackages: Type.Array(PACKAGE),
  Problems: DIAGNOSTICS,
});

export const VULNERABILITIES: Type.TSchema = Type.Object({
  Vulnerabilities: Type.Array(FOUND),
  Hidden: HIDDEN,
  Problems: DIAGNOSTICS,
});

export const VULNERABILITY_DIFFERENCE: Type.TSchema = Type.Object({
  Adds: Type.Array(FOUND),
  Removes: Type.Array(FOUND),
  Hidden: Type.Object({ Adds: HIDDEN, Removes: HIDDEN }),
  Problems: DIAGNOSTICS,
});

export const VULNERABILITY: Type.TSchema = Type.Object(
  {
    ID: Type.String(),
    Link: Type.String(),
    Priority: Type.String(),
    Description: Type.String(),
    AffectedPackages: Type.Array(
      Type.Object(
        {
          OS: Type.String(),
          Name: Type.String(),
          AllVersions: Type.Boolean({
            description: 'true if the advisory names no fixed version',
          }),
          BeforeVersion: Type.String({
            description: 'first version that is not affected; empty if `AllVersions` is true',
          }),
          Status: Type.String({ description: 'status in the feed, such as fixed or open' }),
          Priority: Type.String(),
        },
        { title: 'AffectedPackage' },
      ),
    ),
  },
  { title: 'KnownVulnerability' },
);
