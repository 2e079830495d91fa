const FIRST_WITH_FEEDS = 3;

/**
 * Converts a record of an earlier format: formats 1 and 2 used `source` for a feed, `unclear` for record diagnostics
 * and `by` for the role of a name. Other values are returned unchanged and fail validation later.
 */
export function inCurrentFormat(value: unknown, format: number): unknown {
  if (format >= FIRST_WITH_FEEDS || !isObject(value)) return value;
  const { affected, enrichers, ...others } = renamed(value, {
    source: 'feed',
    sources: 'feeds',
    unclear: 'recordDiagnostics',
  });
  return {
    ...others,
    ...(others['kind'] === 'source' && { kind: 'feed' }),
    ...('feeds' in others && { feeds: eachRenamed(others['feeds'], { source: 'feed' }) }),
    ...(enrichers !== undefined && { enrichers: eachRenamed(enrichers, { source: 'feed' }) }),
    ...(affected !== undefined && { affected: eachRenamed(affected, { by: 'role' }) }),
  };
}

type Names = Readonly<Record<string, string>>;

function eachRenamed(list: unknown, names: Names): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((each: unknown) => (isObject(each) ? renamed(each, names) : each));
}

function renamed(value: object, names: Names): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [Object.hasOwn(names, key) ? (names[key] ?? key) : key, each]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
