/**
 * The metrics and values in vectors of a CVSS version. The base metrics are required; an absent optional metric means
 * "not defined".
 */
export type CvssGrammar = {
  readonly required: Readonly<Record<string, readonly string[]>>;
  readonly optional: Readonly<Record<string, readonly string[]>>;
};

/** The metric values of a vector by short name, such as `N` for `AV`. */
export type CvssMetrics = ReadonlyMap<string, string>;

/**
 * Parses metrics such as `AV:N/AC:L/…`, without the prefix with the version. The metrics may be in any order. Version
 * 4.0 prescribes an order, but other orders are also unambiguous.
 *
 * @returns undefined if a required metric is absent, a metric is repeated, or a metric or value is unknown in this
 * version
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
