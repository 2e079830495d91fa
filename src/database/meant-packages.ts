/**
 * Whether what a source says of a name is meant for this package of that name: built for one of the architectures, and in
 * the same module stream. Oracle labels the packages of its default streams with nothing, and advisories for any stream
 * are meant for them. An SQL condition on `package` and on the table of intervals, by the name that it has in the query.
 */
export function meantForPackage(affected: string): string {
  return `
  (${affected}.archs = '' OR instr(${affected}.archs, ',' || package.arch || ',') > 0)
  AND (${affected}.module = package.module_stream OR (package.has_module = 1 AND package.module = ''))`;
}

export const MEANT_FOR_PACKAGE: string = meantForPackage('affected');
