import type { ReportSnapshot, Store } from '../../../database/contracts/store.ts';
import type { EngineVersion } from '../../../model/engine/engine-version.ts';
import { type Enrichments, isCveId } from '../../../model/enrichment.ts';
import type { Layer } from '../../../model/layer.ts';
import type { Verdicts } from '../../../model/report/match.ts';
import { layerCoverage } from '../../../report/image/layer-coverage.ts';
import type { KnownFacts } from '../../../report/image/layer-diagnostics.ts';
import { judgesOf } from '../../../report/image/ownership/judges.ts';
import type { KnownFeatures } from '../../../report/image/ownership/namespace-counts.ts';

/** The stored data of a response about a layer. */
export type LayerFacts = {
  readonly layer: Layer;
  /** Undefined unless the response lists packages. */
  readonly packages: LayerPackages | undefined;
  /** Undefined unless the response lists vulnerabilities. */
  readonly vulnerabilities: LayerVulnerabilities | undefined;
  /** The data for the diagnostics of the layer. */
  readonly known: KnownFacts;
};

export type LayerPackages = KnownFeatures & {
  /** The layer and the layers below, base first. */
  readonly chain: readonly Layer[];
};

export type LayerVulnerabilities = {
  readonly verdicts: Verdicts;
  /** By CVE. */
  readonly enrichments: ReadonlyMap<string, Enrichments>;
};

/** The lists in a response; a list of vulnerabilities needs the packages. */
type Lists = { readonly packages: boolean; readonly vulnerabilities: boolean };

/**
 * Finds a layer (`LayerStore.find`), and reads the data of a response about the layer. Returns undefined for an unknown
 * name.
 */
export async function readLayerFacts(
  store: Pick<Store, 'together' | 'layers'>,
  { name, engineVersion }: { readonly name: string; readonly engineVersion: EngineVersion },
  lists: Lists,
): Promise<LayerFacts | undefined> {
  // With the packages, the first round trip to the database returns a current layer too.
  const facts = lists.packages
    ? await store.together(async (at) => {
        const layer = await at.layers.findCurrent(name, engineVersion);
        return layer && (await factsOf(at, layer, lists));
      })
    : undefined;
  if (facts !== undefined) return facts;
  const layer = await store.layers.find(name, engineVersion);
  return layer && (await store.together(async (at) => await factsOf(at, layer, lists)));
}

/** Reads the data of a response on one connection, because the packages and the verdicts need the same statement. */
async function factsOf(at: ReportSnapshot, layer: Layer, lists: Lists): Promise<LayerFacts> {
  // The vulnerabilities come first, because the server can read their matches while this thread builds the packages.
  const [vulnerabilities, features, states, chain] = await Promise.all([
    lists.vulnerabilities ? layerVulnerabilities(at, layer) : undefined,
    lists.packages ? layerFeatures(at, layer) : undefined,
    at.feeds.all(),
    lists.packages ? at.layers.chain(layer.id) : [],
  ]);
  return {
    layer,
    packages: features && { ...features, chain },
    vulnerabilities,
    known: { verdicts: vulnerabilities?.verdicts, features, coverage: features?.coverage, states },
  };
}

async function layerVulnerabilities(
  store: Pick<Store, 'matches' | 'enrichments'>,
  { id }: Layer,
): Promise<LayerVulnerabilities> {
  const verdicts = await store.matches.verdicts(id);
  const cves = new Set(verdicts.matches.map(({ vulnerability }) => vulnerability.name).filter(isCveId));
  return { verdicts, enrichments: await store.enrichments.ofCves([...cves]) };
}

async function layerFeatures(
  store: Pick<Store, 'layers' | 'feeds'>,
  layer: Layer,
): Promise<KnownFeatures & Pick<KnownFacts, 'coverage'>> {
  const installed = await store.layers.features(layer.id);
  const features = { installed, judges: await judgesOf(store.feeds, installed, layer.diagnostics) };
  return { ...features, coverage: await layerCoverage(store, layer, features) };
}
