/** A changed or deleted document; `at` is milliseconds since 1970. */
export type VexChange = { readonly path: string; readonly at: number };

export type VexChanges = { readonly changes: readonly VexChange[]; readonly diagnostics: readonly string[] };

/**
 * Parses `changes.csv` or `deletions.csv`, which consist of lines such as
 * `"2024/cve-2024-0727.json","2025-11-21T14:32:00+00:00"`.
 *
 * @returns the changes, and a diagnostic for each skipped line
 */
export function readVexChanges(text: string): VexChanges {
  const changes: VexChange[] = [];
  const diagnostics: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, path = '', time = ''] = LINE.exec(line) ?? [];
    const at = Date.parse(time);
    if (path === '' || Number.isNaN(at))
      diagnostics.push(`change skipped: missing or invalid path or time: ${line.trim()}`);
    else changes.push({ path: path.toLowerCase(), at });
  }
  return { changes, diagnostics };
}

/** Returns the identifier of the document at a path, such as CVE-2024-0727 for `2024/cve-2024-0727.json`. */
export function idOfVexPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, -'.json'.length).toUpperCase();
}

/**
 * Returns the path of a document as in the change lists: the last directory and the file name. Paths in archives may
 * have more directories.
 */
export function vexPathOf(name: string): string {
  return name.split('/').slice(-2).join('/').toLowerCase();
}

/**
 * Returns the documents that have been changed, and the documents that have been deleted, since a time in milliseconds
 * since 1970. If a document is in both lists, the later entry is used.
 */
export function changesSince(
  since: number,
  changed: readonly VexChange[],
  deleted: readonly VexChange[],
): { readonly paths: readonly string[]; readonly deletedPaths: readonly string[] } {
  const last = new Map<string, { readonly at: number; readonly isDeleted: boolean }>();
  const all = [
    ...deleted.map((each) => ({ ...each, isDeleted: true })),
    ...changed.map((each) => ({ ...each, isDeleted: false })),
  ];
  for (const { path, at, isDeleted } of all) {
    const known = last.get(path);
    if (at >= since && (known === undefined || at >= known.at)) last.set(path, { at, isDeleted });
  }
  const paths = [...last.keys()].toSorted();
  return {
    paths: paths.filter((path) => last.get(path)?.isDeleted === false),
    deletedPaths: paths.filter((path) => last.get(path)?.isDeleted === true),
  };
}

/** The form of a line. Only years and identifiers are accepted, because the path becomes part of a URL. */
const LINE = /^\s*"?(\d{4}\/cve-\d{4}-\d{4,}\.json)"?\s*,\s*"?([^",]+)"?\s*$/i;
