/**
 * Reads documents of the Common Security Advisory Framework 2.0 (docs.oasis-open.org/csaf/csaf/v2.0): who says what of
 * which products. What a product is, and what a state of it means for packages, is for whoever reads it to say.
 */

/** A document, as far as Clair reads it; each part that does not have the shape of the standard is left out and told. */
export type CsafDocument = {
  /** `csaf_vex`, `csaf_security_advisory` and others (section 4); empty where there is none. */
  readonly category: string;
  readonly title: string;
  /** The identifier that the publisher gave it. */
  readonly id: string;
  /** `final`, `draft`, `interim`; also `deleted`, which the standard does not know. */
  readonly status: string;
  /** Who wrote it, and when it became what it is (ISO 8601); absent where it does not tell. */
  readonly publisher?: string;
  readonly releasedAt?: string;
  /** The publisher's word for the worst of it. */
  readonly severity?: string;
  readonly products: ReadonlyMap<string, CsafProduct>;
  readonly vulnerabilities: readonly CsafVulnerability[];
};

/** A product of the tree, or one that a relationship made of two of them. */
export type CsafProduct = {
  readonly cpe?: string;
  readonly purl?: string;
  /** The SHA-256 digests of its files, in hexadecimal digits, where it tells some. */
  readonly sha256?: readonly string[];
  /** Of a relationship: which product is meant as a part of which other one. */
  readonly component?: string;
  readonly platform?: string;
};

export type CsafVulnerability = {
  readonly cve: string;
  readonly title: string;
  readonly description: string;
  /** The products of each group of `product_status` (section 3.2.3.9). */
  readonly statuses: ReadonlyMap<string, readonly string[]>;
  /** What follows is by product. */
  readonly remediations: ReadonlyMap<string, readonly CsafRemediation[]>;
  readonly impacts: ReadonlyMap<string, string>;
  readonly scores: ReadonlyMap<string, CsafScore>;
  /** Why products are not affected (section 3.2.3.5), by product; absent where it tells it of none. */
  readonly flags?: ReadonlyMap<string, string>;
  /** Its names in other systems than that of CVEs, where it has some. */
  readonly names?: readonly string[];
  /** The impact that is said of no product in particular. */
  readonly impact?: string;
};

export type CsafRemediation = { readonly category: string; readonly details: string };

/** A CVSS score: its own word for the severity where it has one (that of CVSS 2 has none). */
export type CsafScore = { readonly score?: number; readonly severity?: string };

export type CsafReading = { readonly document: CsafDocument; readonly doubts: readonly string[] };

/** Reads a document that JSON.parse gave; gives undefined for what is no such document at all. Never throws. */
export function readCsaf(value: unknown): CsafReading | undefined {
  const root = fieldsOf(value);
  const head = fieldsOf(root?.['document']);
  const tracking = fieldsOf(head?.['tracking']);
  if (root === undefined || head === undefined || tracking === undefined) return undefined;
  const doubts: string[] = [];
  const severity = textOf(fieldsOf(head['aggregate_severity'])?.['text']);
  const publisher = textOf(fieldsOf(head['publisher'])?.['name']);
  const releasedAt = textOf(tracking['current_release_date']);
  const products = readProducts(fieldsOf(root['product_tree']) ?? {}, doubts);
  const groups = readGroups(fieldsOf(root['product_tree']) ?? {}, doubts);
  const vulnerabilities = listOf(root['vulnerabilities'], 'vulnerability', doubts);
  const document: CsafDocument = {
    category: textOf(head['category']),
    title: textOf(head['title']),
    id: textOf(tracking['id']),
    status: textOf(tracking['status']),
    ...(publisher !== '' && { publisher }),
    ...(releasedAt !== '' && { releasedAt }),
    ...(severity !== '' && { severity }),
    products,
    vulnerabilities: vulnerabilities.map((each) => readVulnerability(each, groups, doubts)),
  };
  return { document, doubts };
}

/** A JSON object whose values were not looked at yet. */
type Fields = Readonly<Record<string, unknown>>;

/** Groups of products, and how many members of them may still be given: they can be named again and again. */
type Groups = { readonly members: ReadonlyMap<string, readonly string[]>; left: number };

/** Real documents name some thousand members of groups. */
const MAX_GROUPED = 1_000_000;

/** Branches in branches: the standard has no bound, and real documents have four. */
const MAX_DEPTH = 30;

function readProducts(tree: Fields, doubts: string[]): ReadonlyMap<string, CsafProduct> {
  const products = new Map<string, CsafProduct>();
  readBranches(tree['branches'], products, doubts, 0);
  for (const product of listOf(tree['full_product_names'], 'product', doubts)) addProduct(product, products, doubts);
  for (const relationship of listOf(tree['relationships'], 'relationship', doubts)) {
    const made = fieldsOf(relationship['full_product_name']);
    const component = textOf(relationship['product_reference']);
    const platform = textOf(relationship['relates_to_product_reference']);
    if (made === undefined || component === '' || platform === '')
      doubts.push('a relationship skipped: it lacks a part');
    else addProduct(made, products, doubts, { component, platform });
  }
  return products;
}

function readBranches(value: unknown, products: Map<string, CsafProduct>, doubts: string[], depth: number): void {
  if (depth > MAX_DEPTH) {
    doubts.push(`branches skipped: they are more than ${MAX_DEPTH} deep`);
    return;
  }
  for (const branch of listOf(value, 'branch', doubts)) {
    const product = fieldsOf(branch['product']);
    if (product !== undefined) addProduct(product, products, doubts);
    readBranches(branch['branches'], products, doubts, depth + 1);
  }
}

function addProduct(
  product: Fields,
  products: Map<string, CsafProduct>,
  doubts: string[],
  parts: Pick<CsafProduct, 'component' | 'platform'> = {},
): void {
  const id = textOf(product['product_id']);
  if (id === '') {
    doubts.push('a product skipped: it has no identifier');
    return;
  }
  const names = fieldsOf(product['product_identification_helper']);
  const cpe = textOf(names?.['cpe']);
  const purl = textOf(names?.['purl']);
  const sha256 = anyListOf(names?.['hashes'], 'hashes', doubts).flatMap((hashes) =>
    anyListOf(fieldsOf(hashes)?.['file_hashes'], 'hashes of a file', doubts)
      .map((hash) => fieldsOf(hash))
      .filter((hash) => textOf(hash?.['algorithm']).toLowerCase() === 'sha256')
      .map((hash) => textOf(hash?.['value']).toLowerCase()),
  );
  const identified = { ...(cpe !== '' && { cpe }), ...(purl !== '' && { purl }), ...(sha256.length > 0 && { sha256 }) };
  products.set(id, { ...identified, ...parts });
}

function readGroups(tree: Fields, doubts: string[]): Groups {
  const members = new Map(
    listOf(tree['product_groups'], 'product group', doubts).map((group) => [
      textOf(group['group_id']),
      textsOf(group['product_ids'], 'a product of a group', doubts),
    ]),
  );
  return { members, left: MAX_GROUPED };
}

function readVulnerability(vulnerability: Fields, groups: Groups, doubts: string[]): CsafVulnerability {
  const notes = listOf(vulnerability['notes'], 'note', doubts);
  const description = notes.find((note) => note['category'] === 'description');
  const impacts = new Map<string, string>();
  let impact = '';
  for (const threat of listOf(vulnerability['threats'], 'threat', doubts)) {
    if (threat['category'] !== 'impact') continue;
    const products = productsOf(threat, 'product_ids', groups, doubts);
    if (products === undefined) impact = textOf(threat['details']);
    for (const product of products ?? []) impacts.set(product, textOf(threat['details']));
  }
  const flags = new Map<string, string>();
  for (const flag of listOf(vulnerability['flags'], 'flag', doubts)) {
    for (const product of productsOf(flag, 'product_ids', groups, doubts) ?? []) {
      flags.set(product, textOf(flag['label']));
    }
  }
  const ids = listOf(vulnerability['ids'], 'name', doubts).map((id) => textOf(id['text']));
  const names = ids.filter((id) => id !== '');
  return {
    cve: textOf(vulnerability['cve']),
    title: textOf(vulnerability['title']),
    description: textOf(description?.['text']),
    statuses: readStatuses(vulnerability['product_status'], doubts),
    remediations: readRemediations(vulnerability, groups, doubts),
    impacts,
    scores: readScores(vulnerability, groups, doubts),
    ...(flags.size > 0 && { flags }),
    ...(names.length > 0 && { names }),
    ...(impact !== '' && { impact }),
  };
}

function readStatuses(value: unknown, doubts: string[]): ReadonlyMap<string, readonly string[]> {
  const statuses = fieldsOf(value ?? {});
  if (statuses === undefined) doubts.push('the states of its products skipped: they are not an object');
  return new Map(
    Object.entries(statuses ?? {}).map(([group, products]) => [
      group,
      textsOf(products, `a product of ${group}`, doubts),
    ]),
  );
}

function readRemediations(
  vulnerability: Fields,
  groups: Groups,
  doubts: string[],
): ReadonlyMap<string, readonly CsafRemediation[]> {
  const remediations = new Map<string, CsafRemediation[]>();
  for (const each of listOf(vulnerability['remediations'], 'remediation', doubts)) {
    const remediation = { category: textOf(each['category']), details: textOf(each['details']) };
    for (const product of productsOf(each, 'product_ids', groups, doubts) ?? []) {
      const known = remediations.get(product);
      if (known === undefined) remediations.set(product, [remediation]);
      else known.push(remediation);
    }
  }
  return remediations;
}

function readScores(vulnerability: Fields, groups: Groups, doubts: string[]): ReadonlyMap<string, CsafScore> {
  const scores = new Map<string, CsafScore>();
  for (const each of listOf(vulnerability['scores'], 'score', doubts)) {
    const cvss = fieldsOf(each['cvss_v3']) ?? fieldsOf(each['cvss_v2']);
    if (cvss === undefined) continue;
    const severity = textOf(cvss['baseSeverity']);
    const score: CsafScore = {
      ...(typeof cvss['baseScore'] === 'number' && { score: cvss['baseScore'] }),
      ...(severity !== '' && { severity }),
    };
    for (const product of productsOf(each, 'products', groups, doubts) ?? []) scores.set(product, score);
  }
  return scores;
}

/** The products that something is said of, by themselves or in groups; undefined when none are named. */
function productsOf(said: Fields, key: string, groups: Groups, doubts: string[]): readonly string[] | undefined {
  if (said[key] === undefined && said['group_ids'] === undefined) return undefined;
  const named = textsOf(said[key], 'a product', doubts);
  const grouped = textsOf(said['group_ids'], 'a group', doubts);
  const members = grouped.flatMap((group) => {
    const all = groups.members.get(group) ?? [];
    groups.left -= all.length;
    return groups.left >= 0 ? all : [];
  });
  if (groups.left < 0) doubts.push(`products skipped: groups name more than ${MAX_GROUPED} of them`);
  return [...named, ...members];
}

function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The objects of a list that may be absent. */
function listOf(value: unknown, what: string, doubts: string[]): readonly Fields[] {
  const list = anyListOf(value, `a list of what should be each a ${what}`, doubts);
  const fields = list.filter(isFields);
  for (let wrong = fields.length; wrong < list.length; wrong += 1)
    doubts.push(`a ${what} skipped: it is not an object`);
  return fields;
}

/** The texts of a list that may be absent. */
function textsOf(value: unknown, what: string, doubts: string[]): readonly string[] {
  const list = anyListOf(value, `a list of what should be each ${what}`, doubts);
  const texts = list.filter((each) => typeof each === 'string');
  for (let wrong = texts.length; wrong < list.length; wrong += 1) doubts.push(`${what} skipped: it is not text`);
  return texts;
}

function anyListOf(value: unknown, what: string, doubts: string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  doubts.push(`${what} skipped: it is not a list`);
  return [];
}
