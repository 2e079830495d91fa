import type { CsafProduct } from '../../../model/advisories/csaf.ts';
import { type Component, readComponent, readModule } from './component.ts';
import { type Platform, readLayeredPlatforms, readPlatform } from './platform.ts';

/** A statement about an rpm package in a RHEL release (with its kind of support), or in a layered product. */
export type Statement = { readonly platform: Platform; readonly component: Component };

/** Resolves the products of a document. */
export type StatementReader = {
  /**
   * Returns the statements for a product id. Returns an empty list for products other than rpm packages, and several
   * statements for a product of several releases.
   */
  readonly read: (id: string) => readonly Statement[];
};

/**
 * Creates the reader for a document. @param strange receives a diagnostic for each product that cannot be interpreted
 */
export function createStatementReader(
  products: ReadonlyMap<string, CsafProduct>,
  strange: (diagnostic: string) => void,
): StatementReader {
  const components = new Map<string, Component | undefined>();

  function componentOf(id: string): Component | undefined {
    if (!components.has(id)) components.set(id, readComponent(id, products.get(id)?.purl));
    return components.get(id);
  }

  /**
   * Returns false for a component that may be a language library, which has a bare name in layered products, like
   * source packages in older documents.
   */
  function isSurelyPackage(id: string, { version }: Component): boolean {
    return version !== undefined || products.get(id)?.purl !== undefined;
  }

  return {
    read(id) {
      const place = placeOf(id, products);
      if (typeof place === 'string') {
        strange(`${id} skipped: ${place}`);
        return [];
      }
      const { cpe } = place;
      const [innermost, ...others] = place.components;
      const platform = cpe === undefined ? undefined : readPlatform(cpe);
      if (innermost === undefined) {
        if (platform !== undefined) strange(`${id} skipped: missing package`);
        return [];
      }
      if (cpe === undefined) {
        strange(`${id} skipped: its product has no CPE`);
        return [];
      }
      const known = componentOf(innermost);
      if (known === undefined) return [];
      const module = others.map((other) => readModule(other, products.get(other)?.purl)).find((each) => each);
      const component = module === undefined ? known : { ...known, module };
      if (platform !== undefined) return [{ platform, component }];
      if (!isSurelyPackage(innermost, component)) return [];
      return readLayeredPlatforms(cpe, component).map((layered) => ({ platform: layered, component }));
    },
  };
}

/** The maximum depth of nested products. Real documents have at most three levels: packages in modules in products. */
const MAX_RELATIONSHIPS = 5;

type Place = { readonly components: readonly string[]; readonly cpe?: string };

/**
 * Returns the components of a product, innermost first, and the CPE of the product that contains all components.
 * Returns a text for a malformed product.
 */
function placeOf(id: string, products: ReadonlyMap<string, CsafProduct>): Place | string {
  const components: string[] = [];
  let at = id;
  for (;;) {
    const product = products.get(at);
    if (product === undefined) return at === id ? 'undescribed product' : `undescribed product ${at}`;
    const { component, platform, cpe } = product;
    if (component === undefined || platform === undefined) return { components, ...(cpe !== undefined && { cpe }) };
    if (components.length === MAX_RELATIONSHIPS) return `more than ${MAX_RELATIONSHIPS} nested products`;
    components.push(component);
    at = platform;
  }
}
