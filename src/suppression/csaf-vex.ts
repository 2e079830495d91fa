import { type CsafDocument, type CsafProduct, type CsafVulnerability, readCsaf } from '../model/advisories/csaf.ts';
import { ClairError } from '../errors.ts';
import { printable } from '../model/printable.ts';
import { imageOfPurl } from './image-pattern.ts';
import { parsePurl } from './package-pattern.ts';
import { releaseOfPlatform } from './platform-release.ts';
import type { RuleScope, SuppressionRule } from './suppression-rule.ts';

/**
 * Reads a CSAF 2.0 document in the VEX profile (section 4.5). The findings in a product are suppressed if the product
 * is fixed or not affected, and kept if it is affected or under investigation. A package URL identifies a package or an
 * image, a hash identifies an image, and a CPE identifies a release. A relationship defines a product that consists of
 * a product inside another product. Products with other identifiers match nothing.
 *
 * @param value the parsed JSON
 * @param file the name of the document in messages and reports
 * @throws ClairError `suppression/invalid` for other kinds of documents, and for documents that are only partly
 * readable
 */
export function parseCsafVex(value: unknown, file: string): readonly SuppressionRule[] {
  const reading = readCsaf(value);
  if (reading === undefined) throw invalid(file, 'document.tracking is missing');
  const { document, diagnostics } = reading;
  const [diagnostic] = diagnostics;
  if (diagnostic !== undefined) throw invalid(file, diagnostic);
  if (document.category !== 'csaf_vex') {
    throw invalid(file, `document.category is "${document.category.slice(0, 100)}" instead of csaf_vex`);
  }
  const timestamp = Date.parse(document.releasedAt ?? '');
  if (Number.isNaN(timestamp)) {
    const { releasedAt } = document;
    const given = releasedAt === undefined ? 'is missing' : `is "${releasedAt.slice(0, 100)}"`;
    throw invalid(
      file,
      `document.tracking.current_release_date ${given}, but must be a time such as 2026-12-31T12:00:00Z`,
    );
  }
  const scopes = scopesOfProducts(document, file);
  const rules = document.vulnerabilities.flatMap((vulnerability, index) =>
    statementsOf(vulnerability, index, file).map(
      ({ place, ids, products, ...said }): SuppressionRule => ({
        by: 'csaf',
        file,
        place,
        where: `${file}, ${place}`,
        ids,
        scopes: products.flatMap((product) => scopes(product)),
        timestamp,
        author: document.publisher ?? null,
        expires: null,
        ...said,
      }),
    ),
  );
  // If a document contains both effects for a product, the rule that keeps the finding applies, because the last rule
  // takes precedence.
  return rules.toSorted((one, other) => Number(one.effect === 'keep') - Number(other.effect === 'keep'));
}

function invalid(file: string, what: string): ClairError {
  return new ClairError('suppression/invalid', `${file} is not a valid CSAF 2.0 VEX document: ${printable(what)}`);
}

/** The groups of `product_status` (section 3.2.3.9) with an effect on findings. */
const EFFECTS: ReadonlyMap<string, SuppressionRule['effect']> = new Map([
  ['known_not_affected', 'suppress'],
  ['fixed', 'suppress'],
  ['first_fixed', 'suppress'],
  ['known_affected', 'keep'],
  ['first_affected', 'keep'],
  ['last_affected', 'keep'],
  ['under_investigation', 'keep'],
]);

type Statement = Pick<SuppressionRule, 'place' | 'effect' | 'justification' | 'reason'> & {
  readonly ids: readonly string[];
  readonly products: readonly string[];
};

/**
 * Returns the statements about a vulnerability. Products with the same status, justification and reason share a
 * statement.
 */
function statementsOf(
  { cve, names = [], statuses, flags, impacts, impact = '' }: CsafVulnerability,
  index: number,
  file: string,
): readonly Statement[] {
  const ids = [cve, ...names].filter((id) => id !== '');
  if (ids.length === 0) throw invalid(file, `vulnerability ${index + 1} must have a cve, or ids with a text`);
  const statements = new Map<string, Statement & { readonly products: string[] }>();
  for (const [group, members] of statuses) {
    const effect = EFFECTS.get(group);
    if (effect === undefined) continue;
    for (const product of members) {
      const justification = flags?.get(product) ?? null;
      const reason = impacts.get(product) ?? (impact === '' ? group.replaceAll('_', ' ') : impact);
      const key = JSON.stringify([group, justification, reason]);
      const known = statements.get(key);
      const place = `vulnerability ${index + 1} (${group})`;
      if (known !== undefined) known.products.push(product);
      else statements.set(key, { place, effect, justification, reason, ids, products: [product] });
    }
  }
  return [...statements.values()];
}

/** Returns a function that maps a product ID to the scopes of the product. */
function scopesOfProducts({ products }: CsafDocument, file: string): (product: string) => readonly RuleScope[] {
  const known = new Map<string, readonly RuleScope[]>();

  function scopesOf(id: string, depth: number): readonly RuleScope[] {
    const made = known.get(id);
    if (made !== undefined) return made;
    const product = products.get(id);
    if (product === undefined) throw invalid(file, `product_tree does not define the product "${id.slice(0, 200)}"`);
    if (depth > MAX_DEPTH) throw invalid(file, `relationships are nested more than ${MAX_DEPTH} levels deep`);
    const { component, platform } = product;
    const own = ownScopes(product);
    const parts =
      component === undefined || platform === undefined
        ? []
        : joined(scopesOf(component, depth + 1), scopesOf(platform, depth + 1), { file, id });
    const scopes = [...own, ...parts];
    known.set(id, scopes);
    return scopes;
  }

  return (product) => scopesOf(product, 0);
}

/** The maximum depth of nested relationships; real documents have two levels. */
const MAX_DEPTH = 10;

/**
 * Returns the scopes of the identifiers of a product itself. Invalid package URLs are ignored, because documents of
 * large publishers contain some invalid URLs among many valid URLs.
 */
function ownScopes({ purl: text = '', digests = [], cpe = '' }: CsafProduct): readonly RuleScope[] {
  const purl = parsePurl(text);
  const release = releaseOfPlatform(cpe);
  const image = purl?.type === 'oci' ? imageOfPurl(purl) : undefined;
  const images = [...digests.map((digest) => ({ digest })), ...(image === undefined ? [] : [image])];
  return [
    ...images.map((each) => ({ images: [each], packages: [] })),
    ...(purl === undefined || purl.type === 'oci' ? [] : [{ images: [], packages: [{ purl }] }]),
    ...(release === undefined ? [] : [{ images: [], packages: [], release }]),
  ];
}

/** The maximum number of combinations of the identifiers of a part and of the product that contains the part. */
const MAX_NAMES = 1000;

function joined(
  parts: readonly RuleScope[],
  wholes: readonly RuleScope[],
  { file, id }: { readonly file: string; readonly id: string },
): readonly RuleScope[] {
  if (parts.length * wholes.length > MAX_NAMES)
    throw invalid(file, `the product "${id.slice(0, 200)}" has more than ${MAX_NAMES} combinations of identifiers`);
  return parts.flatMap((part) =>
    wholes.map((whole) => ({
      images: [...part.images, ...whole.images],
      packages: [...part.packages, ...whole.packages],
      ...(part.release !== undefined && { release: part.release }),
      ...(whole.release !== undefined && { release: whole.release }),
    })),
  );
}
