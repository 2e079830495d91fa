import { type CsafDocument, type CsafProduct, type CsafVulnerability, readCsaf } from '../model/advisories/csaf.ts';
import { ClairError } from '../errors.ts';
import { digestOfHex, isDigest } from '../model/digest.ts';
import { imageOfPurl } from './image-pattern.ts';
import { parsePurl } from './package-pattern.ts';
import { releaseOfPlatform } from './platform-release.ts';
import type { RuleScope, SuppressionRule } from './suppression-rule.ts';

/**
 * Reads a document of CSAF 2.0 in the profile VEX (section 4.5). Products that are known not to be affected, and fixed ones,
 * take findings out; those that are affected or looked at say that they stay. A product is a package or an image by its
 * package URL, an image by a hash, or a release by its CPE; one that a relationship makes of two is the first of them in the
 * second. What is named otherwise could be anything, and is in no image.
 *
 * @param value what JSON.parse gave
 * @param file what it is called in messages and in reports
 * @throws ClairError `suppression/invalid` for what is no such document, or is not understood in all.
 */
export function parseCsafVex(value: unknown, file: string): readonly SuppressionRule[] {
  const reading = readCsaf(value);
  if (reading === undefined) throw invalid(file, 'it has no document with tracking');
  const { document, diagnostics } = reading;
  const [diagnostic] = diagnostics;
  if (diagnostic !== undefined) throw invalid(file, diagnostic);
  if (document.category !== 'csaf_vex') {
    throw invalid(file, `its category is "${document.category.slice(0, 100)}", and not csaf_vex`);
  }
  const timestamp = Date.parse(document.releasedAt ?? '');
  if (Number.isNaN(timestamp)) throw invalid(file, 'document.tracking.current_release_date is no time');
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
  // Of a document that says both of a product the later rule counts: that it stays.
  return rules.toSorted((one, other) => Number(one.effect === 'keep') - Number(other.effect === 'keep'));
}

function invalid(file: string, what: string): ClairError {
  return new ClairError('suppression/invalid', `${file} is no valid VEX document of CSAF 2.0: ${what}`);
}

/** The groups of `product_status` (section 3.2.3.9) that say something of the versions which they name. */
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

/** What is said of one vulnerability: one statement for the products of which the same is said for the same reason. */
function statementsOf(
  { cve, names = [], statuses, flags, impacts, impact = '' }: CsafVulnerability,
  index: number,
  file: string,
): readonly Statement[] {
  const ids = [cve, ...names].filter((id) => id !== '');
  if (ids.length === 0) throw invalid(file, `vulnerability ${index + 1} has no name`);
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

/** Gives where a product of the document is. */
function scopesOfProducts({ products }: CsafDocument, file: string): (product: string) => readonly RuleScope[] {
  const known = new Map<string, readonly RuleScope[]>();

  function scopesOf(id: string, depth: number): readonly RuleScope[] {
    const made = known.get(id);
    if (made !== undefined) return made;
    const product = products.get(id);
    if (product === undefined)
      throw invalid(file, `it says something of the product "${id.slice(0, 200)}", which it does not list`);
    if (depth > MAX_DEPTH) throw invalid(file, `its relationships are more than ${MAX_DEPTH} deep`);
    const { component, platform } = product;
    const own = ownScopes(product);
    const parts =
      component === undefined || platform === undefined
        ? []
        : joined(scopesOf(component, depth + 1), scopesOf(platform, depth + 1), file);
    const scopes = [...own, ...parts];
    known.set(id, scopes);
    return scopes;
  }

  return (product) => scopesOf(product, 0);
}

/** Relationships of relationships: real documents have two. */
const MAX_DEPTH = 10;

/** A package URL that is none names nothing: large publishers have some, beside many that are. */
function ownScopes({ purl: text = '', sha256 = [], cpe = '' }: CsafProduct): readonly RuleScope[] {
  const purl = parsePurl(text);
  const release = releaseOfPlatform(cpe);
  const image = purl?.type === 'oci' ? imageOfPurl(purl) : undefined;
  const digests = sha256.map(digestOfHex).filter((digest) => isDigest(digest));
  const images = [...digests.map((digest) => ({ digest })), ...(image === undefined ? [] : [image])];
  return [
    ...images.map((each) => ({ images: [each], packages: [] })),
    ...(purl === undefined || purl.type === 'oci' ? [] : [{ images: [], packages: [{ purl }] }]),
    ...(release === undefined ? [] : [{ images: [], packages: [], release }]),
  ];
}

/** In how many ways a product may be named: by some hashes, in something that has some hashes. */
const MAX_NAMES = 1000;

function joined(parts: readonly RuleScope[], wholes: readonly RuleScope[], file: string): readonly RuleScope[] {
  if (parts.length * wholes.length > MAX_NAMES) throw invalid(file, `a product has more than ${MAX_NAMES} names`);
  return parts.flatMap((part) =>
    wholes.map((whole) => ({
      images: [...part.images, ...whole.images],
      packages: [...part.packages, ...whole.packages],
      ...(part.release !== undefined && { release: part.release }),
      ...(whole.release !== undefined && { release: whole.release }),
    })),
  );
}
