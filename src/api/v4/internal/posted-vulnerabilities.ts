import { Type } from 'typebox';
import { ClairError } from '../../../errors.ts';
import { textOf } from '../../request-shape.ts';
import type { DistributionBody, RepositoryBody } from '../report-shapes.ts';
import { distinctIds, type VulnerabilityBody } from '../vulnerability-report-body.ts';

/** The maximum number of vulnerabilities in a request: Clair v4 sends 1000 at a time. */
export const MAX_VULNERABILITIES = 1000;

const TEXT: Type.TSchema = Type.Optional(Type.String());

const SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'] as const;

const PACKAGE: Type.TSchema = Type.Optional(Type.Object({ name: TEXT, kind: TEXT }));

const DISTRIBUTION: Type.TSchema = Type.Optional(
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

const REPOSITORY: Type.TSchema = Type.Optional(Type.Object({ id: TEXT, name: TEXT, key: TEXT, uri: TEXT, cpe: TEXT }));

const POSTED_VULNERABILITY: Type.TSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ maxLength: 256, description: 'unique in the request; the name when absent' })),
    updater: TEXT,
    name: Type.String({ ...textOf('^.{1,256}$', 'a name of 1 to 256 characters'), description: 'the CVE or advisory' }),
    description: TEXT,
    links: TEXT,
    severity: TEXT,
    normalized_severity: Type.Optional(Type.Enum([...SEVERITIES])),
    package: PACKAGE,
    distribution: DISTRIBUTION,
    dist: DISTRIBUTION,
    repository: REPOSITORY,
    repo: REPOSITORY,
    fixed_in_version: TEXT,
  },
  { title: 'PostedVulnerability' },
);

/** The body of `POST /indexer/api/v1/internal/affected_manifest`. */
export const POSTED_VULNERABILITIES: Type.TSchema = Type.Object({
  vulnerabilities: Type.Array(POSTED_VULNERABILITY, {
    maxItems: MAX_VULNERABILITIES,
    description: `at most ${MAX_VULNERABILITIES} vulnerabilities or vulnerability summaries`,
  }),
});

/** A body of this shape. */
export type PostedVulnerabilities = { readonly vulnerabilities: readonly (Posted & { readonly id?: string })[] };

type Posted = {
  readonly updater?: string;
  readonly name: string;
  readonly description?: string;
  readonly links?: string;
  readonly severity?: string;
  readonly normalized_severity?: (typeof SEVERITIES)[number];
  readonly package?: { readonly name?: string; readonly kind?: string };
  readonly distribution?: Partial<DistributionBody>;
  readonly dist?: Partial<DistributionBody>;
  readonly repository?: Partial<RepositoryBody>;
  readonly repo?: Partial<RepositoryBody>;
  readonly fixed_in_version?: string;
};

/**
 * Returns the posted vulnerabilities with all members of a vulnerability, in order. Members that Clair v4 clients cannot
 * decode are left out. A summary has no ID, and may have the normalized severity as its `severity`.
 *
 * @throws ClairError `request/invalid` if two vulnerabilities have the same ID
 */
export function readPosted({ vulnerabilities }: PostedVulnerabilities): readonly VulnerabilityBody[] {
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

function bodyOf(id: string, posted: Posted): VulnerabilityBody {
  const { updater = '', name, description = '', links = '', severity = '', fixed_in_version: fixed = '' } = posted;
  const distribution = posted.distribution ?? posted.dist;
  const repository = posted.repository ?? posted.repo;
  const kind = posted.package?.kind === 'binary' ? 'binary' : 'source';
  return {
    id,
    updater,
    name,
    description,
    links,
    severity,
    normalized_severity: posted.normalized_severity ?? SEVERITIES.find((word) => word === severity) ?? 'Unknown',
    package: { id: '', name: posted.package?.name ?? '', version: '', kind, normalized_version: '', cpe: '' },
    ...(distribution !== undefined && { distribution: distributionOf(distribution) }),
    ...(repository !== undefined && { repository: repositoryOf(repository) }),
    fixed_in_version: fixed,
  };
}

function distributionOf(posted: Partial<DistributionBody>): DistributionBody {
  const { id = '', did = '', name = '', version = '', arch = '', cpe } = posted;
  const { version_code_name: codeName = '', version_id: versionId = '', pretty_name: prettyName = '' } = posted;
  const names = { version_code_name: codeName, version_id: versionId, pretty_name: prettyName };
  return { id, did, name, version, arch, ...names, cpe: decodableCpe(cpe) };
}

function repositoryOf({ id = '', name = '', key = '', uri = '', cpe }: Partial<RepositoryBody>): RepositoryBody {
  return { id, name, key, uri, cpe: decodableCpe(cpe) };
}

/** Returns a CPE that clients can decode; otherwise an empty text. */
function decodableCpe(cpe = ''): string {
  return /^cpe:(?:\/|2\.3:)[aho]:/.test(cpe) ? cpe : '';
}
