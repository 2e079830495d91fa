import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** The JSON schemas that Quay uses to check responses (clair-v4-api.md, section 2); further members are allowed. */

const TEXT: Type.TString = Type.String();
const OBJECT: Type.TSchema = Type.Object({});

const SOURCE: Type.TSchema = Type.Object({ id: TEXT, name: TEXT, version: TEXT, source: Type.Optional(TEXT) });
const PACKAGE: Type.TSchema = Type.Object({ id: TEXT, name: TEXT, version: TEXT, source: Type.Optional(SOURCE) });
const DISTRIBUTION: Type.TSchema = Type.Object({
  id: TEXT,
  did: TEXT,
  name: TEXT,
  version: TEXT,
  version_code_name: TEXT,
  version_id: TEXT,
  arch: TEXT,
  cpe: TEXT,
  pretty_name: TEXT,
});
const ENVIRONMENT: Type.TSchema = Type.Object({ package_db: TEXT, introduced_in: TEXT, distribution_id: TEXT });
const VULNERABILITY: Type.TSchema = Type.Object({
  id: TEXT,
  updater: TEXT,
  name: TEXT,
  description: TEXT,
  links: TEXT,
  severity: TEXT,
  normalized_severity: Type.Enum(['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical']),
  fixed_in_version: TEXT,
  range: Type.Optional(TEXT),
  distribution: Type.Optional(OBJECT),
  repository: Type.Optional(OBJECT),
});

const SHARED: Readonly<Record<string, Type.TSchema>> = {
  manifest_hash: TEXT,
  packages: Type.Record(TEXT, PACKAGE),
  distributions: Type.Record(TEXT, DISTRIBUTION),
  environments: Type.Record(TEXT, Type.Array(ENVIRONMENT)),
};

const NOTIFICATION: Type.TSchema = Type.Object({
  id: TEXT,
  manifest: TEXT,
  reason: TEXT,
  vulnerability: Type.Object({
    name: TEXT,
    description: TEXT,
    normalized_severity: TEXT,
    package: PACKAGE,
    fixed_in_version: TEXT,
    links: TEXT,
    distribution: Type.Optional(OBJECT),
    repository: Type.Optional(OBJECT),
  }),
});

type BodyName = 'State' | 'IndexReport' | 'VulnerabilityReport' | 'PagedNotifications';

const SCHEMAS: Readonly<Record<BodyName, Type.TSchema>> = {
  State: Type.Object({ state: TEXT }),
  IndexReport: Type.Object({ ...SHARED, state: TEXT, success: Type.Boolean(), err: TEXT }),
  PagedNotifications: Type.Object({
    page: Type.Object({ size: Type.Number(), next: Type.Optional(TEXT) }),
    notifications: Type.Array(NOTIFICATION),
  }),
  VulnerabilityReport: Type.Object({
    ...SHARED,
    vulnerabilities: Type.Record(TEXT, VULNERABILITY),
    package_vulnerabilities: Type.Record(TEXT, Type.Array(TEXT)),
  }),
};

const CHECKS = Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, Compile(schema)]));

/** Parses a body. @throws Error if the body does not match the schema */
export function quayBody(name: BodyName, text: string): unknown {
  const body: unknown = JSON.parse(text);
  const check = CHECKS[name];
  if (check?.Check(body) === true) return body;
  const [error] = check?.Errors(body) ?? [];
  throw new Error(`${name}: ${error?.instancePath} ${error?.message}`);
}
