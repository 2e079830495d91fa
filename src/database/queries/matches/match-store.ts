import type { Verdicts } from '../../../model/report/match.ts';
import { readAffectedFeatures } from '../affected/affected-features.ts';
import { readAffectedImages, readImagesAffectedBy } from '../affected/affected-images.ts';
import { readAffectedLayers } from '../affected/affected-layers.ts';
import { affectedPackages } from '../affected/affected-packages.ts';
import type { Engine } from '../../engines/engine.ts';
import type { CachedReads } from '../cached/cached-reads.ts';
import { CHAIN, DIFFERENCE, INSTALLED, isInstalled } from './installed.ts';
import { introducingLayers, readIntroducingLayers } from '../affected/introducing-layers.ts';
import type { PartRow } from './match-parts.ts';
import { laterMatchesOfRows, MATCH_COLUMNS, matchesInParts, NAMES_ALONE, verdictsOfRows } from './match-rows.ts';
import { isFindingSql, ruleSql } from './matching-rules.ts';
import { ENDED, endedReleaseList } from './ended-releases.ts';
import { PRODUCTS } from './products.ts';
import { nameList } from '../vulnerabilities/name-list.ts';
import { IMPORTS_SQL, storedImports } from '../vulnerabilities/affected-rows.ts';
import type { MatchStore } from '../../contracts/matches.ts';

/**
 * Creates the store of matches. Each of the two main queries of Clair is one statement that uses indexes and whose plan
 * is tested.
 *
 * @param cached the reads with caches; without caches when absent
 */
export function createMatchStore({ read, clock }: Engine, cached?: CachedReads): MatchStore {
  const ended = endedReleaseList(clock);
  const verdicts = async (id: number): Promise<Verdicts> =>
    (await cached?.verdicts(id, ended())) ??
    (await verdictsOfRows(await read.all<PartRow>(SELECT_VERDICTS, [ended(), id])));

  return {
    ofLayer: async (id) => (await verdicts(id)).matches,
    undecided: async (id) => (await verdicts(id)).undecided,
    verdicts,
    later: async (id, types) =>
      await laterMatchesOfRows(await read.all<PartRow>(SELECT_LATER, [ended(), id, JSON.stringify(types)])),
    async imports(vulnerabilities, namespace) {
      const rows = await read.all<ImportsRow>(SELECT_IMPORTS, [nameList(vulnerabilities), namespace]);
      return rows.map(({ vulnerability, module, imports }) => ({
        vulnerability,
        module,
        ...(imports !== '' && { imports: storedImports(imports) }),
      }));
    },
    async introducingLayers(vulnerabilities, page) {
      const query = { statement: SELECT_INTRODUCING_LAYERS, values: [ended(), nameList(vulnerabilities)] };
      return await readIntroducingLayers(read, query, page);
    },
    affectedLayers: (of, page) => readAffectedLayers({ read, ended: ended() }, of, page),
    affectedFeatures: (of) => readAffectedFeatures({ read, ended: ended() }, of),
    affectedImages: (vulnerabilities, page) => readAffectedImages({ read, ended: ended() }, vulnerabilities, page),
    imagesAffectedBy: (affected, page) => readImagesAffectedBy({ read, ended: ended() }, affected, page),
  };
}

/**
 * The query from packages to vulnerabilities. A package is vulnerable if one of its points is in `[lo, hi)` on a
 * version line. The scan of `(line, hi)` starts at the version of the package, and thus skips every vulnerability that
 * was fixed before that version. Undecided ranges are included, because other version lines of the package, which are
 * also read, may state whether the package is affected. As its last step, the query reads the package and checks
 * whether it is installed, because most packages have no matches. Parameters: the releases past their end of life, and
 * the id of the layer.
 */
export const SELECT_VERDICTS: string = matchesInParts(
  `${ENDED}, ${CHAIN}, ${DIFFERENCE}, ${PRODUCTS}`,
  `
  SELECT feature.id AS feature, difference.origin_depth, ${MATCH_COLUMNS}
  FROM difference
    CROSS JOIN feature_point
    CROSS JOIN affected
    CROSS JOIN feature
  WHERE feature_point.feature = difference.feature
    AND affected.line = feature_point.line
    AND ${ruleSql(['start', 'end'])}
    AND feature.id = difference.feature
    AND ${ruleSql(['owner', 'architecture', 'module', 'product'], isProductOf('difference'))}
    AND ${isInstalled('feature.id')}`,
);

/**
 * The ranges on the version lines of affected packages that begin above the installed version. The statement first
 * excludes unaffected packages, which have most of the ranges. Parameters: the releases past their end of life, the id
 * of the layer, and the types of the packages as a JSON list.
 */
export const SELECT_LATER: string = matchesInParts(
  `${ENDED}, ${CHAIN}, ${INSTALLED}, ${PRODUCTS},
affected_feature (id, origin_depth) AS MATERIALIZED (
  SELECT DISTINCT feature.id, installed.origin_depth
  FROM installed
    CROSS JOIN feature
    CROSS JOIN feature_point
    CROSS JOIN affected
  WHERE feature.id = installed.feature
    AND feature.type IN (SELECT wanted.value FROM json_each(?) AS wanted)
    AND feature_point.feature = installed.feature
    AND affected.line = feature_point.line
    AND ${ruleSql(['start', 'end'])}
    AND ${isFindingSql()}
    AND ${ruleSql(['owner', 'architecture', 'module', 'product'], isProductOf('installed'))}
)`,
  `
  SELECT feature.id AS feature, affected_feature.origin_depth, ${MATCH_COLUMNS}
  FROM affected_feature
    CROSS JOIN feature
    CROSS JOIN feature_point
    CROSS JOIN affected
  WHERE feature.id = affected_feature.id
    AND feature_point.feature = affected_feature.id
    AND affected.line = feature_point.line
    AND ${ruleSql(['end'])}
    AND NOT ${ruleSql(['start'])}
    AND ${isFindingSql()}
    AND ${ruleSql(['owner', 'architecture', 'module', 'product'], isProductOf('affected_feature'))}`,
  NAMES_ALONE,
);

type ImportsRow = { readonly vulnerability: string; readonly module: string; readonly imports: string };

/**
 * The packages and functions that advisories name for Go modules. {@link SELECT_VERDICTS} does not return these lists,
 * because they are long and exist only for Go. Parameters: the names of the advisories as a JSON list, and the
 * namespace.
 */
export const SELECT_IMPORTS: string = `
SELECT DISTINCT vulnerability.name AS vulnerability, line.name AS module, ${IMPORTS_SQL} AS imports
FROM json_each(?) AS wanted
  CROSS JOIN vulnerability
  CROSS JOIN affected
  CROSS JOIN line
  CROSS JOIN namespace
WHERE vulnerability.name = wanted.value
  AND affected.vulnerability = vulnerability.id
  AND line.id = affected.line
  AND namespace.id = line.namespace
  AND namespace.name = ?`;

/**
 * Returns the condition that a product is one of {@link PRODUCTS} at the layer that added a feature.
 *
 * @param features the table of the features
 */
function isProductOf(features: string): (column: string) => string {
  return (column) => `(${features}.origin_depth, ${column}) IN (SELECT depth, cpe FROM product)`;
}

/**
 * The query from vulnerabilities to layers. Looks up the packages whose point is in an affected interval by `(line,
 * version_key)`, then the layers that added these packages. Parameters: the releases past their end of life, the names
 * of vulnerabilities as a JSON list, and the page of {@link introducingLayers}.
 */
export const SELECT_INTRODUCING_LAYERS: string = introducingLayers(
  affectedPackages('vulnerability.name = named.value', 'json_each(?) AS named CROSS JOIN'),
);
