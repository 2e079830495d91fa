import { Type } from 'typebox';
import { ClairError } from '../../../errors.ts';
import { WIDELY_KNOWN_SEVERITIES } from '../../../model/severity.ts';
import { readShape, textOf } from '../../request-shape.ts';
import type { DistributionBody, RepositoryBody } from '../report-shapes.ts';
import { distinctIds, type VulnerabilityBody } from '../vulnerability-report-body.ts';

/** The maximum number of vulnerabilities in a request; Clair v4 sends 1000 at a time. */
export const MAX_VULNERABILITIES = 1000;

const TEXT = Type.Optional(Type.String());

const PACKAGE = Type.Optional(
  Type.Object({
    name: TEXT,
    kind: Type.Optional(
      Type.String({ description: '`binary` for a binary package; any other value means a source package' }),
    ),
    module: TEXT,
    arch: TEXT,
  }),
);

const DISTRIBUTION = Type.Optional(
  Type.Object({
    id: TEXT,
    did: TEXT,
    name: TEXT,
    version: TEXT,
    version_code_name: TEXT,
    version_id: TEXT,
    arch: TEXT,
    cpe: TEXT,
    pretty_name: TEXT,
  }),
);

const REPOSITORY = Type.Optional(Type.Object({ id: TEXT, name: TEXT, key: TEXT, uri: TEXT, cpe: TEXT }));

/** Reports join the names of the feeds of a vulnerability with `+`. */
const UPDATERS = textOf(
  '^[^+]{0,100}(?:\\+[^+]{1,100}){0,19}$',
  'a list of at most 20 names joined by +, each of at most 100 characters',
);

const POSTED_VULNERABILITY = Type.Object(
  {
    id: Type.Optional(
      Type.String({ maxLength: 256, description: 'ID that is unique in the request; default: the name' }),
    ),
    updater: Type.Optional(Type.String(UPDATERS)),
    name: Type.String({ ...textOf('^.{1,256}$', 'a name of 1 to 256 characters'), description: 'the CVE or advisory' }),
    description: TEXT,
    links: TEXT,
    severity: TEXT,
    normalized_severity: Type.Optional(Type.Enum([...WIDELY_KNOWN_SEVERITIES])),
    package: PACKAGE,
    distribution: DISTRIBUTION,
    dist: DISTRIBUTION,
    repository: REPOSITORY,
    repo: REPOSITORY,
    arch_op: TEXT,
    fixed_in_version: TEXT,
  },
  { title: 'PostedVulnerability' },
);

const BODY = Type.Object({
  vulnerabilities: Type.Array(POSTED_VULNERABILITY, {
    maxItems: MAX_VULNERABILITIES,
    description: `at most ${MAX_VULNERABILITIES} vulnerabilities or vulnerability summaries`,
  }),
});

/** The shape of the body of `POST /indexer/api/v1/internal/affected_manifest`. */
export const POSTED_VULNERABILITIES: Type.TSchema = BODY;

type Posted = Type.Static<typeof POSTED_VULNERABILITY>;

/**
 * Returns the posted vulnerabilities in order, with defaults for absent members and without the values that Clair v4
 * clients cannot decode. A vulnerability summary has no ID, and its `severity` can be the normalized severity.
 *
 * @param body an object, as in the code of Clair v4, or only the list, as in the OpenAPI document of Clair v4
 * @throws ClairError `request/invalid` for another shape, or if two vulnerabilities have the same ID
 */
export function readPosted(body: unknown): readonly VulnerabilityBody[] {
  const { vulnerabilities } = readShape(BODY, Array.isArray(body) ? { vulnerabilities: body } : body, 'body');
  const given = new Set<string>();
  for (const { id } of vulnerabilities) {
    if (id === undefined || id === '') continue;
    if (given.has(id)) throw new ClairError('request/invalid', `body.vulnerabilities has the ID ${id} twice`);
    given.add(id);
  }
  const newId = distinctIds(given);
  return vulnerabilities.map(({ id, ...posted }) =>
    bodyOf(id === undefined || id === '' ? newId(posted.name) : id, posted),
  );
}

function bodyOf(id: string, posted: Omit<Posted, 'id'>): VulnerabilityBody {
  const { updater = '', name, description = '', links = '', severity = '', fixed_in_version: fixed = '' } = posted;
  const distribution = posted.distribution ?? posted.dist;
  const repository = posted.repository ?? posted.repo;
  const operation = posted.arch_op ?? '';
  return {
    id,
    updater,
    name,
    description,
    links,
    severity,
    normalized_severity:
      posted.normalized_severity ?? WIDELY_KNOWN_SEVERITIES.find((word) => word === severity) ?? 'Unknown',
    package: packageOf(posted.package ?? {}),
    ...(distribution !== undefined && { distribution: distributionOf(distribution) }),
    ...(repository !== undefined && { repository: repositoryOf(repository) }),
    ...(operation !== '' && { arch_op: operation }),
    fixed_in_version: fixed,
  };
}

/** Converts a package; as in Clair v4, an empty module or architecture is omitted. */
function packageOf({ name = '', kind = '', module = '', arch = '' }: NonNullable<Posted['package']>): PackageBody {
  return {
    id: '',
    name,
    version: '',
    kind: kind.toLowerCase() === 'binary' ? 'binary' : 'source',
    normalized_version: '',
    cpe: '',
    ...(module !== '' && { module }),
    ...(arch !== '' && { arch }),
  };
}

type PackageBody = VulnerabilityBody['package'];

function distributionOf(posted: Partial<DistributionBody>): DistributionBody {
  const { id = '', did = '', name = '', version = '', arch = '', cpe } = posted;
  const { version_code_name: codeName = '', version_id: versionId = '', pretty_name: prettyName = '' } = posted;
  const names = { version_code_name: codeName, version_id: versionId, pretty_name: prettyName };
  return { id, did, name, version, arch, ...names, cpe: decodableCpe(cpe) };
}

function repositoryOf({ id = '', name = '', key = '', uri = '', cpe }: Partial<RepositoryBody>): RepositoryBody {
  return { id, name, key, uri, cpe: decodableCpe(cpe) };
}

/** Returns the CPE if clients can decode it; otherwise returns an empty text. */
function decodableCpe(cpe = ''): string {
  return /^cpe:(?:\/|2\.3:)[aho]:/.test(cpe) ? cpe : '';
}
