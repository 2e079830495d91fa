import { isIndexable } from '../../../model/indexed-text.ts';

/**
 * Returns the name of an image in an archive or layout: the first name that the database can index. Without such a
 * name, returns the path of the archive or layout.
 *
 * @param names the names in the archive, in order
 */
export function indexedReference(names: readonly (string | undefined)[], where: string): string {
  return names.find((name) => name !== undefined && isIndexable(name)) ?? where;
}
