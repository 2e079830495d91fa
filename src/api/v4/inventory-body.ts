import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { textOrder } from '../../model/text-order.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import type { ReportPackage } from '../../model/report/report.ts';
import type { ImageInventory } from '../../report/inventory/image-inventory.ts';
import type { DistributionBody, EnvironmentBody, InventoryBody, PackageBody, RepositoryBody } from './report-shapes.ts';

/** The ID of the only distribution in a document. */
const DISTRIBUTION_ID = '1';

/** Returns the ID of a package, given its index in the packages of the report. */
export function packageId(index: number): string {
  return String(index + 1);
}

/**
 * Returns the members that the index report and the vulnerability report share. Every package has an environment,
 * because Quay reads the first environment without checking that it exists. Members without a value are omitted,
 * because Quay rejects null.
 *
 * @param products the CPEs of the content sets in the current data of the feeds
 */
export function inventoryBody(
  { distribution, contentSets, packages, layers }: ImageInventory,
  products: RepositoryCpes,
): InventoryBody {
  const repositories = new Map<string, RepositoryBody>();
  const ofContentSets = contentSets.map((name) => contentSetRepository(name, products.get(name) ?? []));
  const repositoryIds = (of: ReportPackage): readonly string[] => {
    const found = of.type === 'rpm' ? ofContentSets : languageRepository(of);
    return found.map((each) => {
      const known = repositories.get(each.name) ?? { id: String(repositories.size + 1), ...each };
      repositories.set(each.name, known);
      return known.id;
    });
  };
  const environments = packages.map((of): readonly EnvironmentBody[] => {
    const places = of.paths.length === 0 ? [undefined] : of.paths;
    const hasDistribution = !isLibrary(of) && distribution !== null;
    const shared = {
      introduced_in: layers[of.layer]?.digest ?? '',
      distribution_id: hasDistribution ? DISTRIBUTION_ID : '',
      repository_ids: repositoryIds(of),
    };
    return places.map((path) => ({ package_db: databaseOf(of, path), ...shared }));
  });
  return {
    packages: Object.fromEntries(
      packages.map((each, index) => [packageId(index), packageBody(each, packageId(index))]),
    ),
    distributions: distribution === null ? {} : { [DISTRIBUTION_ID]: distributionBody(distribution) },
    repository: Object.fromEntries([...repositories.values()].map((each) => [each.id, each])),
    environments: Object.fromEntries(environments.map((each, index) => [packageId(index), each])),
  };
}

function packageBody(of: ReportPackage, id: string): PackageBody {
  const { name, version, arch, source } = of;
  const rest = { normalized_version: '', cpe: '' };
  const hasSource = !isLibrary(of) && source.name !== '';
  return {
    id,
    name,
    version,
    kind: 'binary',
    ...(hasSource && {
      source: { id: `${id}-source`, name: source.name, version: source.version, kind: 'source', ...rest },
    }),
    ...(arch !== '' && { arch }),
    ...rest,
  };
}

/** Returns a distribution in which all members are texts, as Quay requires. */
export function distributionBody({ id, version, prettyName }: Distribution): DistributionBody {
  // The pretty name is usually NAME, VERSION_ID and, in brackets, the code name (os-release(5)).
  const [, name = prettyName] = /^(.+?)\s+v?\d/.exec(prettyName) ?? [];
  const [, codeName = ''] = /\(([A-Za-z][\w .-]*)\)/.exec(prettyName) ?? [];
  return {
    id: DISTRIBUTION_ID,
    did: id,
    name,
    version: codeName === '' ? version : `${version} (${codeName})`,
    version_code_name: codeName,
    version_id: version,
    arch: '',
    cpe: '',
    pretty_name: prettyName,
  };
}

function contentSetRepository(name: string, cpes: readonly string[]): Omit<RepositoryBody, 'id'> {
  return { name, key: 'rhel-cpe-repository', uri: '', cpe: productOf(cpes) };
}

/**
 * Returns the most specific product of a repository, because feeds also list the broader products of the repository.
 */
function productOf(cpes: readonly string[]): string {
  const [first = ''] = cpes
    .filter((cpe) => CPE_PATTERN.test(cpe))
    .toSorted((one, other) => partsOf(other) - partsOf(one) || textOrder(one, other));
  return first;
}

function partsOf(cpe: string): number {
  return cpe.split(':').filter((part) => part !== '').length;
}

/** Matches the URI binding of CPE 2.2 (NIST IR 7695, section 6.1); clairctl rejects a report with any other CPE. */
const CPE_PATTERN = /^cpe:\/[aho]:[\w.~%-]+(?::[\w.~%-]*){0,5}$/i;

function languageRepository(of: ReportPackage): readonly Omit<RepositoryBody, 'id'>[] {
  return isLibrary(of) ? [{ name: of.type, key: '', uri: '', cpe: '' }] : [];
}

/** The paths of package databases, without the leading slash. */
const DATABASES: Readonly<Record<string, string>> = {
  apk: 'lib/apk/db/installed',
  deb: 'var/lib/dpkg/status',
  rpm: 'var/lib/rpm',
};

/** The Clair v4 prefixes for files with language packages; for other types, the prefix is the type. */
const PREFIXES: Readonly<Record<string, string>> = { golang: 'go', npm: 'nodejs', pypi: 'python', gem: 'ruby' };

function databaseOf({ type }: ReportPackage, path: string | undefined): string {
  const database = DATABASES[type];
  if (path === undefined) return database ?? type;
  return database === undefined ? `${PREFIXES[type] ?? type}:${path}` : path;
}
