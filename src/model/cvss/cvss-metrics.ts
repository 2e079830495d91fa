/**
 * The metrics of a CVSS version with their values, as in its vectors. The base metrics are required; an absent optional metric
 * equals "not defined".
 */
export type CvssGrammar = {
  readonly required: Readonly<Record<string, readonly string[]>>;
  readonly optional: Readonly<Record<string, readonly string[]>>;
};

/** The metric values of one vector by short name: `AV` is `N`. */
export type CvssMetrics = ReadonlyMap<string, string>;

/**
 * Parses `AV:N/AC:L/…`, without the prefix with the version. Metrics may be in any order: version 4.0 prescribes an order, but
 * other orders are unambiguous.
 *
 * @returns undefined if a required metric is absent, a metric is repeated, or a metric or value is unknown in this version
 */
export function parseCvssMetrics(text: string, { required, optional }: CvssGrammar): CvssMetrics | undefined {
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  const metrics = new Map<string, string>();
  for (const part of text.split('/')) {
    const [name = '', value = '', ...rest] = part.split(':');
    if (rest.length > 0 || metrics.has(name) || known.get(name)?.includes(value) !== true) return undefined;
    metrics.set(name, value);
  }
  return Object.keys(required).every((name) => metrics.has(name)) ? metrics : undefined;
}
