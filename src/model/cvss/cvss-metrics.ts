/**
 * The metrics of a version of CVSS with their values, as they stand in its vectors. The required ones are the base group;
 * the others may be absent, which is the same as "not defined".
 */
export type CvssGrammar = {
  readonly required: Readonly<Record<string, readonly string[]>>;
  readonly optional: Readonly<Record<string, readonly string[]>>;
};

/** The values of the metrics of one vector, by the metric's short name: `AV` is `N`. */
export type CvssMetrics = ReadonlyMap<string, string>;

/**
 * Reads `AV:N/AC:L/…`, without the prefix that tells the version.
 *
 * The metrics may come in any order: version 4.0 prescribes one, but what a vector in another order means is as clear.
 *
 * @returns undefined when a required metric is absent, one comes twice, or one or its value is not of this version
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
