import { featuresOnce } from '../../model/features-once.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import { cvesOf } from '../../model/report/match.ts';
import type { Report } from '../../model/report/report.ts';
import { layerProducts } from '../image/layer-products.ts';
import { explainFinding } from './explained-finding.ts';
import type { Explanation } from './explanation.ts';
import { namesInReport, recordsAbout } from './explained-records.ts';

/**
 * Reads the data about a vulnerability and an image from the store, and explains why the vulnerability does or does not
 * affect the image.
 *
 * @param id an identifier or alias of the vulnerability
 * @param image the report and the stored layers of the image, base first
 */
export async function explanationOf(
  {
    vulnerabilities,
    layers: layerStore,
    repositories,
    enrichments,
    feeds,
  }: Pick<Store, 'vulnerabilities' | 'layers' | 'repositories' | 'enrichments' | 'feeds'>,
  id: string,
  { report, layers }: { readonly report: Report; readonly layers: readonly Layer[] },
): Promise<Explanation> {
  const names = namesInReport(report, id);
  const records = await recordsAbout(vulnerabilities, names);
  const leaf = layers.at(-1);
  const installed =
    leaf === undefined
      ? []
      : featuresOnce([...(await layerStore.features(leaf.id)), ...(await layerStore.files(leaf.id))]);
  const products = await layerProducts(repositories, layers);
  const changes = [];
  for (const layer of layers) changes.push(await layerStore.changes(layer.id));
  // The other CVEs of an erratum are unrelated to the explained CVE.
  const aliases = records.filter(({ name }) => name === id).flatMap((each) => each.aliases);
  const about = cvesOf({ name: id, aliases: [...aliases, ...names] });
  const known = await enrichments.ofCves(about);
  const texts = await enrichments.textsOf(about);
  const cves = [...new Set(about)].map((name) => {
    const { description = null, published = null } = texts.get(name) ?? {};
    return { id: name, ...known.get(name), description, published };
  });
  const judges = await feeds.judges();
  return explainFinding({ id, report, records, installed, changes, products, judges, cves });
}
