import type { CsafProduct } from '../../formats/csaf.ts';
import { type Component, readComponent, readModule } from './component.ts';
import { type Platform, readPlatform } from './platform.ts';

/** What a product of a document is: packages of a line of Red Hat Enterprise Linux. */
export type Statement = { readonly platform: Platform; readonly component: Component };

/** Finds out what the products of a document are. */
export type StatementReader = {
  /** Gives undefined for what is of no release of RHEL, or no package: other sources speak of those. */
  readonly read: (id: string) => Statement | undefined;
};

/** @param strange is told, in words, of each product that is not understood */
export function createStatementReader(
  products: ReadonlyMap<string, CsafProduct>,
  strange: (doubt: string) => void,
): StatementReader {
  const components = new Map<string, Component | undefined>();

  function componentOf(id: string): Component | undefined {
    if (!components.has(id)) components.set(id, readComponent(id, products.get(id)?.purl));
    return components.get(id);
  }

  return {
    read(id) {
      const place = placeOf(id, products);
      if (typeof place === 'string') {
        strange(`${id} skipped: ${place}`);
        return undefined;
      }
      const [innermost, ...others] = place.components;
      const platform = place.cpe === undefined ? undefined : readPlatform(place.cpe);
      if (innermost === undefined) {
        if (platform !== undefined) strange(`${id} skipped: it does not say which package`);
        return undefined;
      }
      if (place.cpe === undefined) strange(`${id} skipped: its product has no CPE`);
      const component = platform && componentOf(innermost);
      if (platform === undefined || component === undefined) return undefined;
      const module = others.map((other) => readModule(other, products.get(other)?.purl)).find((each) => each);
      return { platform, component: module === undefined ? component : { ...component, module } };
    },
  };
}

/** Packages in modules in products: real documents have at most these. */
const MAX_RELATIONSHIPS = 5;

type Place = { readonly components: readonly string[]; readonly cpe?: string };

/** The components that a product consists of, innermost first, and the CPE of what they are parts of; else what is wrong. */
function placeOf(id: string, products: ReadonlyMap<string, CsafProduct>): Place | string {
  const components: string[] = [];
  let at = id;
  for (;;) {
    const product = products.get(at);
    if (product === undefined) return at === id ? 'no such product was described' : `${at} was not described`;
    const { component, platform, cpe } = product;
    if (component === undefined || platform === undefined) return { components, ...(cpe !== undefined && { cpe }) };
    if (components.length === MAX_RELATIONSHIPS) return 'too many products within each other';
    components.push(component);
    at = platform;
  }
}
