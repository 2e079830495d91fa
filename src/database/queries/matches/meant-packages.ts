/**
 * Whether what a source says of a name is meant for this package of that name: built for one of the architectures, and in
 * the same module stream. Advisories for any architecture are meant for a package of none (`noarch`), since rpm replaces it by the
 * build of an architecture. Oracle labels the packages of its default lines with nothing, and advisories for any line are
 * meant for them. An SQL condition on `feature` and `affected`.
 */
export const MEANT_FOR_PACKAGE: string = `
  (affected.archs = '' OR feature.arch = 'noarch' OR instr(affected.archs, ',' || feature.arch || ',') > 0)
  AND (affected.module = feature.module OR feature.module = '*')`;

/**
 * Whether a layer was built from repositories of the product that what a source says is limited to, if it is. An SQL
 * condition on `affected` and on `layer`, whose content sets are those of the layers below it too.
 */
export const BUILT_FROM_PRODUCT: string = `
  (affected.cpe = '' OR EXISTS (
    SELECT 1
    FROM json_each(layer.content_sets) AS content_set CROSS JOIN repository_cpe
    WHERE repository_cpe.repository = content_set.value AND repository_cpe.cpe = affected.cpe
  ))`;
