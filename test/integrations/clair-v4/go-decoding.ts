/**
 * Decodes a report as the Go types of Clair v4 do (clair-v4-api.md, section 8): unknown members are skipped, names
 * match in any case, null is an absent value, and everything else must have the type of its member.
 *
 * @throws Error where `json.Unmarshal` fails
 */
export function goReport(text: string): GoReport {
  const body: unknown = JSON.parse(text);
  decode(REPORT, body, 'report');
  return body as GoReport;
}

/** Decodes a page of a notification as {@link goReport} decodes reports. */
export function goNotifications(text: string): void {
  decode(NOTIFICATION_PAGE, JSON.parse(text), 'page');
}

export type GoReport = {
  readonly success?: boolean;
  readonly err?: string;
  readonly packages?: Readonly<Record<string, { readonly name?: string; readonly version?: string }>>;
  readonly vulnerabilities?: Readonly<Record<string, { readonly name?: string; readonly fixed_in_version?: string }>>;
  readonly package_vulnerabilities?: Readonly<Record<string, readonly string[]>>;
};

type Decoder = (value: unknown, where: string) => void;

function decode(decoder: Decoder, value: unknown, where: string): void {
  if (value !== null && value !== undefined) decoder(value, where);
}

function fail(where: string, type: string): never {
  throw new Error(`json: cannot unmarshal ${where} into Go value of type ${type}`);
}

const text: Decoder = (value, where) => void (typeof value === 'string' || fail(where, 'string'));
const count: Decoder = (value, where) =>
  void ((Number.isSafeInteger(value) && Number(value) >= 0) || fail(where, 'uint64'));
const boolean: Decoder = (value, where) => void (typeof value === 'boolean' || fail(where, 'bool'));

function matching(pattern: RegExp, type: string): Decoder {
  return (value, where) => void ((typeof value === 'string' && pattern.test(value)) || fail(where, type));
}

const digest = matching(/^(?:sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$/, 'claircore.Digest');
const severity = matching(/^(?:Unknown|Negligible|Low|Medium|High|Critical)$/, 'claircore.Severity');
const cpe = matching(/^(?:cpe:\/|cpe:2\.3:|$)/, 'cpe.WFN');
const uuid = matching(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'uuid.UUID');
const reason = matching(/^(?:added|removed|changed)$/, 'notifier.Reason');
const time = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/, 'time.Time');
const version = matching(/^(?:$|[^:]*:\d+(?:\.\d+){0,9}$)/, 'claircore.Version');
const kind = matching(/^(?:binary|source|unknown|ancestry|)$/i, 'types.PackageKind');

function listOf(item: Decoder): Decoder {
  return (value, where) => {
    if (!Array.isArray(value)) fail(where, '[]');
    for (const [at, each] of value.entries()) decode(item, each, `${where}[${at}]`);
  };
}

function mapOf(item: Decoder): Decoder {
  return (value, where) => {
    if (typeof value !== 'object' || Array.isArray(value)) fail(where, 'map');
    for (const [name, each] of Object.entries(value ?? {})) decode(item, each, `${where}.${name}`);
  };
}

function struct(members: Readonly<Record<string, Decoder>>): Decoder {
  return (value, where) => {
    if (typeof value !== 'object' || Array.isArray(value)) fail(where, 'struct');
    for (const [name, each] of Object.entries(value ?? {})) {
      const member = members[name.toLowerCase()];
      if (member !== undefined) decode(member, each, `${where}.${name}`);
    }
  };
}

const packageFields = {
  id: text,
  name: text,
  version: text,
  kind,
  normalized_version: version,
  module: text,
  arch: text,
  cpe,
};
const PACKAGE = struct({ ...packageFields, source: struct(packageFields) });
const DISTRIBUTION = struct({
  id: text,
  did: text,
  name: text,
  version: text,
  version_code_name: text,
  version_id: text,
  arch: text,
  cpe,
  pretty_name: text,
});
const REPOSITORY = struct({ id: text, name: text, key: text, uri: text, cpe });
const ENVIRONMENT = struct({
  package_db: text,
  introduced_in: digest,
  distribution_id: text,
  repository_ids: listOf(text),
});
const VULNERABILITY = struct({
  id: text,
  updater: text,
  name: text,
  description: text,
  issued: time,
  links: text,
  severity: text,
  normalized_severity: severity,
  package: PACKAGE,
  distribution: DISTRIBUTION,
  repository: REPOSITORY,
  fixed_in_version: text,
  range: struct({ '[': version, ')': version }),
  arch_op: text,
});
const REPORT = struct({
  manifest_hash: digest,
  state: text,
  packages: mapOf(PACKAGE),
  distributions: mapOf(DISTRIBUTION),
  repository: mapOf(REPOSITORY),
  environments: mapOf(listOf(ENVIRONMENT)),
  success: boolean,
  err: text,
  vulnerabilities: mapOf(VULNERABILITY),
  package_vulnerabilities: mapOf(listOf(text)),
  enrichments: mapOf(listOf(mapOf(() => undefined))),
});
const SUMMARY = struct({
  name: text,
  description: text,
  package: PACKAGE,
  distribution: DISTRIBUTION,
  repo: REPOSITORY,
  severity,
  fixed_in_version: text,
  links: text,
});
const NOTIFICATION_PAGE = struct({
  page: struct({ size: count, next: uuid }),
  notifications: listOf(struct({ id: uuid, manifest: digest, reason, vulnerability: SUMMARY })),
});
