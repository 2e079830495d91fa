import { featuresOnce } from '../../model/features-once.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import { cvesOf } from '../../model/report/match.ts';
import type { Report } from '../../model/report/report.ts';
import { layerProducts } from '../image/layer-products.ts';
import { explainFinding } from './explained-finding.ts';
import type { Explanation } from './explanation.ts';

/** How many records of one name are looked at: errata that fix the same CVE. */
const MAX_RECORDS = 1000;

/**
 * Asks the store what is known of a vulnerability and of an image, and explains why it is a finding or none.
 *
 * @param id its name in any source, or another name of it
 * @param image its report, and its layers as they are known, base first
 */
export async function explanationOf(
  {
    vulnerabilities,
    layers: layerStore,
    repositories,
    enrichments,
  }: Pick<Store, 'vulnerabilities' | 'layers' | 'repositories' | 'enrichments'>,
  id: string,
  { report, layers }: { readonly report: Report; readonly layers: readonly Layer[] },
): Promise<Explanation> {
  const records = await vulnerabilities.about(id, MAX_RECORDS);
  const leaf = layers.at(-1);
  const installed = leaf === undefined ? [] : featuresOnce(await layerStore.features(leaf.id));
  const products = await layerProducts(repositories, layers);
  const changes = [];
  for (const layer of layers) changes.push(await layerStore.changes(layer.id));
  // The others that an erratum fixes beside a CVE are no matter of that CVE.
  const names = cvesOf({
    name: id,
    aliases: records.filter(({ name }) => name === id).flatMap((each) => each.aliases),
  });
  const known = await enrichments.ofCves(names);
  const cves = [...new Set(names)].map((name) => ({ id: name, ...known.get(name) }));
  return explainFinding({ id, report, records, installed, changes, products, cves });
}
