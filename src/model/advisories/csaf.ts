import { type Digest, isDigest } from '../digest.ts';

/**
 * Reads documents of the Common Security Advisory Framework 2.0 (docs.oasis-open.org/csaf/csaf/v2.0). The caller
 * interprets products and their statuses.
 */

/** The parts of a document that Clair uses, without the invalid parts. */
export type CsafDocument = {
  /** `csaf_vex`, `csaf_security_advisory` or another category (section 4); empty if absent. */
  readonly category: string;
  readonly title: string;
  /** The identifier that the publisher gave the document. */
  readonly id: string;
  /** `final`, `draft`, `interim`, or the non-standard `deleted`. */
  readonly status: string;
  /** The name of the publisher, if given. */
  readonly publisher?: string;
  /** The time of the current version (ISO 8601), if given. */
  readonly releasedAt?: string;
  /** The aggregate severity in the words of the publisher. */
  readonly severity?: string;
  readonly products: ReadonlyMap<string, CsafProduct>;
  readonly vulnerabilities: readonly CsafVulnerability[];
};

/** A product of the tree, or a relationship of two products. */
export type CsafProduct = {
  readonly cpe?: string;
  readonly purl?: string;
  /** The SHA-256 and SHA-512 digests of the files of the product, if given. */
  readonly digests?: readonly Digest[];
  /** The two products of a relationship, in which `component` is a part of `platform`. */
  readonly component?: string;
  readonly platform?: string;
};

export type CsafVulnerability = {
  readonly cve: string;
  readonly title: string;
  readonly description: string;
  /** The products of each group of `product_status` (section 3.2.3.9). */
  readonly statuses: ReadonlyMap<string, readonly string[]>;
  /** The remediations, impacts and scores by product. */
  readonly remediations: ReadonlyMap<string, readonly CsafRemediation[]>;
  readonly impacts: ReadonlyMap<string, string>;
  readonly scores: ReadonlyMap<string, CsafScore>;
  /** The reasons why products are not affected (section 3.2.3.5) by product, if given. */
  readonly flags?: ReadonlyMap<string, string>;
  /** Names other than the CVE, if given. */
  readonly names?: readonly string[];
  /** The impact for which the document names no product. */
  readonly impact?: string;
};

export type CsafRemediation = { readonly category: string; readonly details: string };

/** A CVSS score with its severity word; CVSS 2 has no severity words. */
export type CsafScore = { readonly score?: number; readonly severity?: string };

export type CsafReading = {
  readonly document: CsafDocument;
  /** The faults of the document; the invalid parts are not in `document`. */
  readonly diagnostics: readonly string[];
};

/** Reads parsed JSON; returns undefined for other kinds of documents. Never throws. */
export function readCsaf(value: unknown): CsafReading | undefined {
  const root = fieldsOf(value);
  const head = fieldsOf(root?.['document']);
  const tracking = fieldsOf(head?.['tracking']);
  if (root === undefined || head === undefined || tracking === undefined) return undefined;
  const diagnostics: string[] = [];
  const severity = textOf(fieldsOf(head['aggregate_severity'])?.['text']);
  const publisher = textOf(fieldsOf(head['publisher'])?.['name']);
  const releasedAt = textOf(tracking['current_release_date']);
  const products = readProducts(fieldsOf(root['product_tree']) ?? {}, diagnostics);
  const groups = readGroups(fieldsOf(root['product_tree']) ?? {}, diagnostics);
  const vulnerabilities = listOf(root['vulnerabilities'], 'vulnerability', diagnostics);
  const document: CsafDocument = {
    category: textOf(head['category']),
    title: textOf(head['title']),
    id: textOf(tracking['id']),
    status: textOf(tracking['status']),
    ...(publisher !== '' && { publisher }),
    ...(releasedAt !== '' && { releasedAt }),
    ...(severity !== '' && { severity }),
    products,
    vulnerabilities: vulnerabilities.map((each) => readVulnerability(each, groups, diagnostics)),
  };
  return { document, diagnostics };
}

/** A JSON object with unchecked values. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * The groups of products, and the number of members that may still be expanded. The number is limited, because a
 * document can refer to a group repeatedly.
 */
type Groups = { readonly members: ReadonlyMap<string, readonly string[]>; left: number };

/** The maximum number of expanded members; real documents expand to a few thousand members. */
const MAX_GROUPED = 1_000_000;

/** The maximum depth of nested branches; the standard sets no limit, and real documents have four levels. */
const MAX_DEPTH = 30;

function readProducts(tree: Fields, diagnostics: string[]): ReadonlyMap<string, CsafProduct> {
  const products = new Map<string, CsafProduct>();
  readBranches(tree['branches'], products, diagnostics, 0);
  for (const product of listOf(tree['full_product_names'], 'product', diagnostics))
    addProduct(product, products, diagnostics);
  for (const relationship of listOf(tree['relationships'], 'relationship', diagnostics)) {
    const made = fieldsOf(relationship['full_product_name']);
    const component = textOf(relationship['product_reference']);
    const platform = textOf(relationship['relates_to_product_reference']);
    if (made === undefined || component === '' || platform === '')
      diagnostics.push('a relationship lacks full_product_name, product_reference or relates_to_product_reference');
    else addProduct(made, products, diagnostics, { component, platform });
  }
  return products;
}

function readBranches(value: unknown, products: Map<string, CsafProduct>, diagnostics: string[], depth: number): void {
  if (depth > MAX_DEPTH) {
    diagnostics.push(`branches are nested more than ${MAX_DEPTH} levels deep`);
    return;
  }
  for (const branch of listOf(value, 'branch', diagnostics)) {
    const product = fieldsOf(branch['product']);
    if (product !== undefined) addProduct(product, products, diagnostics);
    readBranches(branch['branches'], products, diagnostics, depth + 1);
  }
}

function addProduct(
  product: Fields,
  products: Map<string, CsafProduct>,
  diagnostics: string[],
  parts: Pick<CsafProduct, 'component' | 'platform'> = {},
): void {
  const id = textOf(product['product_id']);
  if (id === '') {
    diagnostics.push('a product has no product_id');
    return;
  }
  const names = fieldsOf(product['product_identification_helper']);
  const cpe = textOf(names?.['cpe']);
  const purl = textOf(names?.['purl']);
  const digests = anyListOf(names?.['hashes'], 'hash list', diagnostics).flatMap((hashes) =>
    anyListOf(fieldsOf(hashes)?.['file_hashes'], 'file hash list', diagnostics)
      .map((hash) => fieldsOf(hash))
      .map((hash) => `${textOf(hash?.['algorithm'])}:${textOf(hash?.['value'])}`.toLowerCase())
      .filter((digest) => isDigest(digest)),
  );
  const identified = {
    ...(cpe !== '' && { cpe }),
    ...(purl !== '' && { purl }),
    ...(digests.length > 0 && { digests }),
  };
  products.set(id, { ...identified, ...parts });
}

function readGroups(tree: Fields, diagnostics: string[]): Groups {
  const members = new Map(
    listOf(tree['product_groups'], 'product group', diagnostics).map((group) => [
      textOf(group['group_id']),
      textsOf(group['product_ids'], 'group product', diagnostics),
    ]),
  );
  return { members, left: MAX_GROUPED };
}

function readVulnerability(vulnerability: Fields, groups: Groups, diagnostics: string[]): CsafVulnerability {
  const notes = listOf(vulnerability['notes'], 'note', diagnostics);
  const description = notes.find((note) => note['category'] === 'description');
  const impacts = new Map<string, string>();
  let impact = '';
  for (const threat of listOf(vulnerability['threats'], 'threat', diagnostics)) {
    if (threat['category'] !== 'impact') continue;
    const products = productsOf(threat, 'product_ids', groups, diagnostics);
    if (products === undefined) impact = textOf(threat['details']);
    for (const product of products ?? []) impacts.set(product, textOf(threat['details']));
  }
  const flags = new Map<string, string>();
  for (const flag of listOf(vulnerability['flags'], 'flag', diagnostics)) {
    for (const product of productsOf(flag, 'product_ids', groups, diagnostics) ?? []) {
      flags.set(product, textOf(flag['label']));
    }
  }
  const ids = listOf(vulnerability['ids'], 'name', diagnostics).map((id) => textOf(id['text']));
  const names = ids.filter((id) => id !== '');
  return {
    cve: textOf(vulnerability['cve']),
    title: textOf(vulnerability['title']),
    description: textOf(description?.['text']),
    statuses: readStatuses(vulnerability['product_status'], diagnostics),
    remediations: readRemediations(vulnerability, groups, diagnostics),
    impacts,
    scores: readScores(vulnerability, groups, diagnostics),
    ...(flags.size > 0 && { flags }),
    ...(names.length > 0 && { names }),
    ...(impact !== '' && { impact }),
  };
}

function readStatuses(value: unknown, diagnostics: string[]): ReadonlyMap<string, readonly string[]> {
  const statuses = fieldsOf(value ?? {});
  if (statuses === undefined) diagnostics.push('product_status is not an object');
  return new Map(
    Object.entries(statuses ?? {}).map(([group, products]) => [
      group,
      textsOf(products, `${group} product`, diagnostics),
    ]),
  );
}

function readRemediations(
  vulnerability: Fields,
  groups: Groups,
  diagnostics: string[],
): ReadonlyMap<string, readonly CsafRemediation[]> {
  const remediations = new Map<string, CsafRemediation[]>();
  for (const each of listOf(vulnerability['remediations'], 'remediation', diagnostics)) {
    const remediation = { category: textOf(each['category']), details: textOf(each['details']) };
    for (const product of productsOf(each, 'product_ids', groups, diagnostics) ?? []) {
      const known = remediations.get(product);
      if (known === undefined) remediations.set(product, [remediation]);
      else known.push(remediation);
    }
  }
  return remediations;
}

function readScores(vulnerability: Fields, groups: Groups, diagnostics: string[]): ReadonlyMap<string, CsafScore> {
  const scores = new Map<string, CsafScore>();
  for (const each of listOf(vulnerability['scores'], 'score', diagnostics)) {
    const cvss = fieldsOf(each['cvss_v3']) ?? fieldsOf(each['cvss_v2']);
    if (cvss === undefined) continue;
    const severity = textOf(cvss['baseSeverity']);
    const score: CsafScore = {
      ...(typeof cvss['baseScore'] === 'number' && { score: cvss['baseScore'] }),
      ...(severity !== '' && { severity }),
    };
    for (const product of productsOf(each, 'products', groups, diagnostics) ?? []) scores.set(product, score);
  }
  return scores;
}

/**
 * Returns the products that a statement names directly or in groups, or undefined if the statement names no products.
 */
function productsOf(said: Fields, key: string, groups: Groups, diagnostics: string[]): readonly string[] | undefined {
  if (said[key] === undefined && said['group_ids'] === undefined) return undefined;
  const named = textsOf(said[key], 'product', diagnostics);
  const grouped = textsOf(said['group_ids'], 'group', diagnostics);
  const members = grouped.flatMap((group) => {
    const all = groups.members.get(group) ?? [];
    groups.left -= all.length;
    return groups.left >= 0 ? all : [];
  });
  if (groups.left < 0) diagnostics.push(`product groups list more than ${MAX_GROUPED} products`);
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

/** Returns the objects of an optional list. */
function listOf(value: unknown, what: string, diagnostics: string[]): readonly Fields[] {
  const list = anyListOf(value, `${what} list`, diagnostics);
  const fields = list.filter(isFields);
  for (let wrong = fields.length; wrong < list.length; wrong += 1) {
    diagnostics.push(`an entry of the ${what} list is not an object`);
  }
  return fields;
}

/** Returns the texts of an optional list. */
function textsOf(value: unknown, what: string, diagnostics: string[]): readonly string[] {
  const list = anyListOf(value, `${what} list`, diagnostics);
  const texts = list.filter((each) => typeof each === 'string');
  for (let wrong = texts.length; wrong < list.length; wrong += 1) {
    diagnostics.push(`an entry of the ${what} list is not a string`);
  }
  return texts;
}

function anyListOf(value: unknown, what: string, diagnostics: string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  diagnostics.push(`the ${what} is not an array`);
  return [];
}
