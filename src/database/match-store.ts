import type { Undecided } from '../model/match.ts';
import { NOT_FINDINGS, type Status } from '../model/status.ts';
import { readAffectedLayers } from './affected-layers.ts';
import type { Engine } from './engine.ts';
import { CHAIN, INSTALLED } from './installed.ts';
import { introducingLayers, readIntroducingLayers } from './introducing-layers.ts';
import { matchesInParts, matchesOfRows, type PartRow } from './match-rows.ts';
import { MEANT_FOR_PACKAGE, meantForPackage } from './meant-packages.ts';
import { PACKAGE_COLUMNS, PACKAGE_ORDER, packageOfRow, type PackageRow } from './package-rows.ts';
import type { MatchStore } from './store.ts';

/** The two questions that Clair exists for, each one indexed query; their plans are tested. */
export function createMatchStore({ read }: Engine): MatchStore {
  return {
    async ofLayer(id) {
      return matchesOfRows(await read.all<PartRow>(SELECT_MATCHES, [id]));
    },
    async undecided(id) {
      return (await read.all<UndecidedRow>(SELECT_UNDECIDED, [id])).map(undecidedOfRow);
    },
    async introducingLayers(vulnerability, page) {
      const query = { statement: SELECT_INTRODUCING_LAYERS, values: [vulnerability] };
      return await readIntroducingLayers(read, query, page);
    },
    affectedLayers: (of, page) => readAffectedLayers(read, of, page),
  };
}

const UNDECIDED_STATUSES = NOT_FINDINGS.map((status) => `'${status}'`).join(', ');
const FINDINGS_ONLY = `affected.status NOT IN (${UNDECIDED_STATUSES})`;

/**
 * The products whose repositories each layer of {@link CHAIN}, or a layer below it, was built from: what it brings may be
 * from any of them. By itself: as a subquery PostgreSQL would count its cost for each interval.
 */
const PRODUCTS = `
product AS MATERIALIZED (
  SELECT layer.depth, repository_cpe.cpe
  FROM chain CROSS JOIN layer CROSS JOIN json_each(layer.content_sets) AS content_set CROSS JOIN repository_cpe
  WHERE layer.id = chain.id AND repository_cpe.repository = content_set.value
)`;

/** Whether the layer that brought a package is of the product that an interval is limited to, if it is. */
const ofProduct = (affected: 'affected' | 'decided'): string =>
  `(${affected}.cpe = '' OR (installed.origin_depth, ${affected}.cpe) IN (SELECT depth, cpe FROM product))`;

const INSTALLED_POINTS = `
FROM installed
  CROSS JOIN package
  CROSS JOIN package_point
  CROSS JOIN affected`;

/** The points of the installed packages that lie in an interval which is meant for them, and whose status is one of those. */
const inIntervals = (isStatus: string): string => `
  package.id = installed.package
  AND package_point.package = package.id
  AND affected.stream = package_point.stream
  AND affected.hi > package_point.version_key
  AND affected.lo <= package_point.version_key
  AND ${isStatus}
  AND ${MEANT_FOR_PACKAGE}
  AND ${ofProduct('affected')}`;

/**
 * Forward: a package is vulnerable when a point of it lies in `[lo, hi)` on a stream. The scan of `(stream, hi)` starts
 * at the package's own version and so skips all that was fixed before it. Takes the id of the layer.
 */
export const SELECT_MATCHES: string = matchesInParts(
  `${CHAIN}, ${INSTALLED}, ${PRODUCTS}`,
  `
  SELECT
    affected.vulnerability, package.id AS package, affected.stream, affected.severity, affected.severity_from,
    affected.status, affected.fixed, affected.introduced, affected.last_affected, affected.cpe, installed.origin_depth
  ${INSTALLED_POINTS}
  WHERE ${inIntervals(FINDINGS_ONLY)}`,
);

/**
 * What {@link SELECT_MATCHES} leaves out because its source does not say whether the package is affected. What the source
 * says on another stream of the package decides. Takes the id of the layer.
 */
export const SELECT_UNDECIDED: string = `
WITH RECURSIVE ${CHAIN}, ${INSTALLED}, ${PRODUCTS}
SELECT
  vulnerability.source, vulnerability.name AS vulnerability, MIN(affected.status) AS status,
  ${PACKAGE_COLUMNS}, namespace.name AS namespace, installed.origin_depth
${INSTALLED_POINTS}
  CROSS JOIN vulnerability
  CROSS JOIN stream
  CROSS JOIN namespace
WHERE ${inIntervals(`affected.status IN (${UNDECIDED_STATUSES})`)}
  AND vulnerability.id = affected.vulnerability
  AND stream.id = affected.stream
  AND namespace.id = stream.namespace
  AND NOT EXISTS (
    SELECT 1
    FROM package_point AS point CROSS JOIN affected AS decided
    WHERE point.package = package.id
      AND decided.stream = point.stream
      AND decided.vulnerability = affected.vulnerability
      AND decided.hi > point.version_key
      AND decided.lo <= point.version_key
      AND decided.status NOT IN (${UNDECIDED_STATUSES})
      AND ${meantForPackage('decided')}
      AND ${ofProduct('decided')}
  )
GROUP BY vulnerability.id, package.id, namespace.id, installed.origin_depth
ORDER BY vulnerability.source, vulnerability.name, ${PACKAGE_ORDER}`;

/**
 * Backward: the packages with a point in each affected interval, by `(stream, version_key)`, and the layers that added them.
 * Takes the vulnerability's name, and the page of {@link introducingLayers}.
 */
export const SELECT_INTRODUCING_LAYERS: string = introducingLayers(`
  SELECT DISTINCT package.id, affected.cpe
  FROM vulnerability
    CROSS JOIN affected
    CROSS JOIN package_point
    CROSS JOIN package
  WHERE vulnerability.name = ?
    AND affected.vulnerability = vulnerability.id
    AND ${FINDINGS_ONLY}
    AND package_point.stream = affected.stream
    AND package_point.version_key >= affected.lo
    AND package_point.version_key < affected.hi
    AND package.id = package_point.package
    AND ${MEANT_FOR_PACKAGE}`);

type UndecidedRow = PackageRow & {
  readonly source: string;
  readonly vulnerability: string;
  readonly status: Status;
  readonly namespace: string;
  readonly origin_depth: number;
};

function undecidedOfRow(row: UndecidedRow): Undecided {
  const { source, vulnerability, namespace, status, origin_depth: originDepth } = row;
  return { source, vulnerability, namespace, status, package: packageOfRow(row), originDepth };
}
