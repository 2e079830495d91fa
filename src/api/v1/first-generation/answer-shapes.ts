import { Type } from 'typebox';
import { DIAGNOSTICS } from '../shapes.ts';

/** `OS`, `Name` and `Version` are the original's; feeds speak of the source package, which is told beside them. */
const PACKAGE_FIELDS = {
  OS: Type.String(),
  Name: Type.String(),
  Version: Type.String(),
  Arch: Type.String(),
  SourceName: Type.String(),
  SourceVersion: Type.String(),
};

const PACKAGE = Type.Object(PACKAGE_FIELDS, { title: 'Package' });

const CAUSE = Type.Object(
  {
    ...PACKAGE_FIELDS,
    FixedIn: Type.Union([Type.String(), Type.Null()]),
    Status: Type.String(),
    Priority: Type.String(),
    LayerDepth: Type.Integer(),
  },
  { title: 'Cause' },
);

const FOUND = Type.Object(
  {
    ID: Type.String(),
    Link: Type.String(),
    Priority: Type.String(),
    Description: Type.String(),
    CausedByPackage: Type.String(),
    Causes: Type.Array(CAUSE),
  },
  { title: 'FoundVulnerability' },
);

/** How many there are by priority of what the minimum leaves out. */
const HIDDEN = Type.Record(Type.String(), Type.Integer(), { title: 'Hidden' });

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
          AllVersions: Type.Boolean(),
          BeforeVersion: Type.String(),
          Status: Type.String(),
          Priority: Type.String(),
        },
        { title: 'AffectedPackage' },
      ),
    ),
  },
  { title: 'KnownVulnerability' },
);
