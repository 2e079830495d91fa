import { ANY_MODULE, type FeatureTraits } from '../../../ecosystems/ecosystem.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { NOT_FINDINGS } from '../../../model/advisories/status.ts';
import { archsText, type KeyInterval } from '../vulnerabilities/affected-intervals.ts';

/** The rules, in the order in which they are checked. */
export const MATCHING_RULES = ['owner', 'architecture', 'module', 'product', 'start', 'end'] as const;

export type MatchingRule = (typeof MATCHING_RULES)[number];

/**
 * The rules that decide whether a range of an advisory affects a feature on its version line. A range affects a feature
 * if each rule has a true term; otherwise, the first rule without a true term is the reason. Both the SQL of the
 * engines ({@link ruleSql}) and the result of `clair explain` ({@link failedRule}) are derived from this table.
 *
 * - Advisories about a language package do not apply to a file of a distribution package while a feed covers the
 *   distribution and its support has not ended. The distribution may have fixed the file without a new version.
 * - Advisories for one architecture include packages without an architecture (`noarch`), because rpm replaces `noarch`
 *   packages with builds for an architecture. Advisories for one architecture also include packages of an SBOM that
 *   states no architecture.
 * - Advisories for a stream affect only packages of that module stream. Oracle Linux gives the packages of its default
 *   streams an empty label, which matches every stream.
 * - Advisories limited to a Red Hat product affect only packages from the repositories of that product.
 * - The range `[lo, hi)` must contain the version.
 */
const RULES: Readonly<Record<MatchingRule, readonly Term[]>> = {
  owner: [{ isNoJudge: 'judgedBy' }],
  architecture: [
    { equal: ['archs', { text: '' }] },
    { equal: ['arch', { text: 'noarch' }] },
    { equal: ['arch', { text: '' }] },
    { listed: 'arch', in: 'archs' },
  ],
  module: [{ equal: ['module', 'featureModule'] }, { equal: ['featureModule', { text: ANY_MODULE }] }],
  product: [{ equal: ['cpe', { text: '' }] }, { isProduct: 'cpe' }],
  start: [{ atMost: ['lo', 'key'] }],
  end: [{ above: ['hi', 'key'] }],
};

/** The columns of a range (`archs` to `hi`) and of a feature (`arch` to `key`, which is the key of the version). */
type RuleColumn = keyof RuleValues;

/** A condition. As in SQL, NULL meets no condition. */
type Term =
  | { readonly equal: readonly [RuleColumn, RuleColumn | { readonly text: string }] }
  /**
   * The column `listed` is an entry of the list in the column `in`. The list has the form of `affected.archs`:
   * `,x86_64,aarch64,`.
   */
  | { readonly listed: RuleColumn; readonly in: RuleColumn }
  /** The layer was built from repositories of the product. */
  | { readonly isProduct: RuleColumn }
  /** No feed covers the namespace, the support of the namespace has ended, or the namespace is empty. */
  | { readonly isNoJudge: RuleColumn }
  | { readonly atMost: readonly [RuleColumn, RuleColumn] }
  | { readonly above: readonly [RuleColumn, RuleColumn] };

export type RuleValues = {
  readonly archs: string;
  readonly module: string;
  readonly cpe: string;
  readonly lo: Uint8Array;
  readonly hi: Uint8Array;
  readonly arch: string | null;
  readonly featureModule: string | null;
  readonly judgedBy: string;
  readonly key: Uint8Array;
};

/** The SQL column of each value. */
const COLUMNS: Readonly<Record<RuleColumn, string>> = {
  archs: 'affected.archs',
  module: 'affected.module',
  cpe: 'affected.cpe',
  lo: 'affected.lo',
  hi: 'affected.hi',
  arch: 'feature.arch',
  featureModule: 'feature.module',
  judgedBy: 'feature.judged_by',
  key: 'feature_point.version_key',
};

/**
 * Returns an SQL condition that is true if a range and a feature meet all given rules. The rule `owner` needs the table
 * `ENDED`.
 *
 * @param isProduct returns the condition that the layer was built from the product in a column; needed for `product`
 */
export function ruleSql(rules: readonly MatchingRule[], isProduct?: (column: string) => string): string {
  return rules
    .map((rule) => {
      const conditions = RULES[rule].map((term) => termSql(term, isProduct));
      return conditions.length === 1 ? conditions[0] : `(${conditions.join(' OR ')})`;
    })
    .join('\n    AND ');
}

function termSql(term: Term, isProduct: ((column: string) => string) | undefined): string {
  if ('equal' in term) {
    const [one, other] = term.equal;
    return `${COLUMNS[one]} = ${typeof other === 'string' ? COLUMNS[other] : `'${other.text}'`}`;
  }
  if ('listed' in term) return `instr(${COLUMNS[term.in]}, ',' || ${COLUMNS[term.listed]} || ',') > 0`;
  if ('atMost' in term) return `${COLUMNS[term.atMost[0]]} <= ${COLUMNS[term.atMost[1]]}`;
  if ('above' in term) return `${COLUMNS[term.above[0]]} > ${COLUMNS[term.above[1]]}`;
  if ('isNoJudge' in term) {
    // PostgreSQL estimates that half of the rows meet NOT IN, but that nearly all rows meet this expression; the second
    // estimate is right. Most features have no owner, so they need no lookup.
    const judge = COLUMNS[term.isNoJudge];
    const isCovered = `${judge} <> '' AND ${judge} IN (SELECT namespace FROM feed_namespace)`;
    return `CASE WHEN ${isCovered} AND ${judge} NOT IN (SELECT namespace FROM ended) THEN 0 ELSE 1 END <> 0`;
  }
  if (isProduct === undefined) throw new Error('the product rule requires the products of the layer');
  return isProduct(COLUMNS[term.isProduct]);
}

/** The data that rules use in addition to the range and the feature. */
export type RuleContext = {
  /** The products of the repositories of the layer that added the feature. */
  readonly products: ReadonlySet<string>;
  /**
   * The namespaces whose advisories replace library advisories for files of distribution packages (`FeedStore.judges`).
   */
  readonly judges: ReadonlySet<string>;
};

/** Returns the first rule by which a range does not affect a feature; undefined if the range affects the feature. */
export function failedRule(values: RuleValues, context: RuleContext): MatchingRule | undefined {
  return MATCHING_RULES.find((rule) => !RULES[rule].some((term) => holds(term, values, context)));
}

/**
 * Returns whether a range meets the rule `product`.
 *
 * @param products as in {@link RuleContext}
 */
export function meetsProduct(cpe: string, products: ReadonlySet<string>): boolean {
  const context = { products, judges: NO_JUDGES };
  return RULES.product.some((term) => holds(term, { cpe }, context));
}

const NO_JUDGES: ReadonlySet<string> = new Set();

function holds(term: Term, values: Partial<RuleValues>, { products, judges }: RuleContext): boolean {
  if ('equal' in term) {
    const [one, other] = term.equal;
    const value = values[one];
    return value !== undefined && value !== null && value === (typeof other === 'string' ? values[other] : other.text);
  }
  if ('listed' in term) {
    const item = values[term.listed];
    return item !== undefined && item !== null && String(values[term.in]).includes(`,${String(item)},`);
  }
  if ('atMost' in term) return compared(values, term.atMost) <= 0;
  if ('above' in term) return compared(values, term.above) > 0;
  if ('isNoJudge' in term) return !judges.has(String(values[term.isNoJudge]));
  return products.has(String(values[term.isProduct]));
}

function compared(values: Partial<RuleValues>, [one, other]: readonly [RuleColumn, RuleColumn]): number {
  return Buffer.compare(bytesOf(values[one]), bytesOf(values[other]));
}

function bytesOf(value: RuleValues[RuleColumn] | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(value ?? '');
}

/**
 * Returns the values of a range and a feature.
 *
 * @param key the key of the feature's version on the version line of the range
 */
export function ruleValues(
  { archs, module = '', cpe = '' }: Pick<AffectedPackage, 'archs' | 'module' | 'cpe'>,
  { lo, hi }: KeyInterval,
  { arch, module: featureModule, judgedBy = '' }: FeatureTraits & { readonly judgedBy?: string | undefined },
  key: Uint8Array,
): RuleValues {
  return { archs: archsText(archs), module, cpe, lo, hi, arch, featureModule, judgedBy, key };
}

/**
 * Returns the SQL condition that the status of a range makes a match a finding.
 *
 * @param range the name of the table `affected` in the query
 */
export function isFindingSql(range = 'affected'): string {
  return `${range}.status NOT IN (${NOT_FINDINGS.map((status) => `'${status}'`).join(', ')})`;
}

/**
 * Returns the SQL condition that a layer was built from repositories of a product. The content sets of a layer include
 * the content sets of the layers below.
 */
export function isProductOfLayer(column: string): string {
  return `EXISTS (
    SELECT 1
    FROM json_each(layer.content_sets) AS content_set CROSS JOIN repository_cpe
    WHERE repository_cpe.repository = content_set.value AND repository_cpe.cpe = ${column}
  )`;
}
