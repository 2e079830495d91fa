import { FILES } from '../../../model/advisories/file-rule.ts';
import { CHAIN, LOCATED } from '../matches/installed.ts';
import { FEATURE_COLUMNS, FEATURE_ORDER } from './feature-rows.ts';

/** The packages installed at a layer, with one row for each path. Parameter: the id of the layer. */
export const SELECT_PACKAGES: string = selectLocated(`feature.type <> '${FILES}'`);

/** The files of file rules at a layer. Parameter: the id of the layer. */
export const SELECT_FILES: string = selectLocated(`feature.type = '${FILES}'`);

function selectLocated(condition: string): string {
  return `
WITH RECURSIVE ${CHAIN}, ${LOCATED}
SELECT ${FEATURE_COLUMNS}, namespace.name AS namespace, feature.judged_by, located.path, located.origin_depth, feature.id
FROM located
  CROSS JOIN feature
  CROSS JOIN line
  CROSS JOIN namespace
WHERE feature.id = located.feature AND line.id = feature.line AND namespace.id = line.namespace AND ${condition}
ORDER BY ${FEATURE_ORDER}, located.path`;
}
