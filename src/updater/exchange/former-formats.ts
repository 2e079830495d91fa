/** The first format in which the key of a feed is `feed`, and the key of the role of a name is `role`. */
const FIRST_WITH_FEEDS = 3;

/** The first format with a kind for each diagnostic. */
const FIRST_WITH_KINDS = 4;

/**
 * Converts a record of an earlier format to the current format. Formats 1 and 2 called a feed `source`, its diagnostics
 * `unclear`, and the role of a name `by`. Formats 1 to 3 had only messages as diagnostics, which are treated as skipped
 * advisories. Returns values that are not records unchanged; the schema rejects them.
 */
export function inCurrentFormat(value: unknown, format: number): unknown {
  return withKinds(withFeeds(value, format), format);
}

function withKinds(value: unknown, format: number): unknown {
  if (format >= FIRST_WITH_KINDS || !isObject(value) || !('recordDiagnostics' in value)) return value;
  const { recordDiagnostics } = value;
  if (!isObject(recordDiagnostics) || !('examples' in recordDiagnostics)) return value;
  const { examples } = recordDiagnostics;
  if (!Array.isArray(examples)) return value;
  const kinds = examples.map((each: unknown) => (typeof each === 'string' ? { kind: 'skipped', message: each } : each));
  return { ...value, recordDiagnostics: { ...recordDiagnostics, examples: kinds } };
}

function withFeeds(value: unknown, format: number): unknown {
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
