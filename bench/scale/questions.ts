import type { Engine } from '../../src/database/engines/engine.ts';
import { readLayerFacts } from '../../src/api/v1/stable-generation/layer-facts.ts';
import type { AffectedImages, LayerReference } from '../../src/database/contracts/matches.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import type { Layer } from '../../src/model/layer.ts';
import { featureIdentity } from '../../src/model/feature.ts';
import { layerDiagnostics } from '../../src/report/image/layer-diagnostics.ts';
import type { AskedVulnerabilities, AskedVulnerability } from './asked-vulnerabilities.ts';
import type { Built, Patching } from './databases.ts';
import { ENGINE_VERSION } from './layer-tree.ts';
import { type ReferenceForm, referenceMatches } from './reference-matches.ts';
import type { Timings } from './timings.ts';

export type OpenDatabase = {
  readonly size: number;
  readonly built: Built;
  readonly store: Store;
  readonly engine: Engine;
};

export const PATCHINGS: readonly Patching[] = ['unpatched', 'patched'];
const FORMS: readonly ReferenceForm[] = ['texts at once', 'texts of matches'];

const FIRST_PAGE = 20;
const PAGE = 1000;

/**
 * Runs forward queries: the report of the topmost layer, only the matches of this layer, and the matches of the
 * reference. Queries one image of each database in turn, so that other load on the machine affects all databases alike.
 */
export async function askForward(databases: readonly OpenDatabase[], rounds: number, timings: Timings): Promise<void> {
  for (const database of databases) {
    for (const patching of PATCHINGS) await compareAnswers(database, patching);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const patching of PATCHINGS) {
      for (const { size, built, store, engine } of inTurn(databases, round)) {
        const names = built.samples[patching];
        const name = names[round % names.length] ?? '';
        await timings.time(`report, ${patching} image`, size, () => reportOf(store, name));
        const layer = await knownLayer(store, name);
        await timings.time(`matches ${patching}`, size, () => store.matches.verdicts(layer.id));
        for (const form of FORMS) {
          await timings.time(`reference ${patching} ${form}`, size, async () => {
            await referenceMatches(engine.read, await store.layers.features(layer.id), form);
          });
        }
      }
    }
  }
}

/**
 * Runs reverse queries: the first page, and all pages. Returns the number of layers on all pages, by database size.
 */
export async function askBackward(
  databases: readonly OpenDatabase[],
  { onBase, inImages }: AskedVulnerabilities,
  rounds: number,
  timings: Timings,
): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { size, store } of inTurn(databases, round)) {
      const first = (id: string): Promise<readonly LayerReference[]> =>
        store.matches.introducingLayers([id], { after: 0, limit: FIRST_PAGE });
      await timings.time('first page of layers, base package', size, () => first(itemAt(onBase, round).id));
      await timings.time('first page of layers, other package', size, () => first(itemAt(inImages, round).id));
      const firstImages = (id: string): Promise<AffectedImages> =>
        store.matches.affectedImages([id], { after: undefined, limit: FIRST_PAGE });
      await timings.time('first page of images, base package', size, () => firstImages(itemAt(onBase, round).id));
      await timings.time('first page of images, other package', size, () => firstImages(itemAt(inImages, round).id));
    }
  }
  // All pages are read only once, because their number grows with the number of layers.
  for (const { size, store } of databases) {
    const { id } = itemAt(inImages, 0);
    found.set(size, await timings.time('all pages of layers, other package', size, () => countLayers(store, id)));
  }
  return found;
}

/** Runs the store queries of the API for a layer with its vulnerabilities (`src/api/v1/stable-generation`). */
async function reportOf(store: Store, name: string): Promise<void> {
  const lists = { packages: true, vulnerabilities: true };
  const facts = await readLayerFacts(store, { name, engineVersion: ENGINE_VERSION }, lists);
  if (facts === undefined) throw new Error(`there is no layer ${name}`);
  await layerDiagnostics(store, facts.layer, Date.now(), facts.known);
}

/** Checks that the reference finds the same matches as Clair; otherwise the times are not comparable. */
async function compareAnswers({ built, store, engine, size }: OpenDatabase, patching: Patching): Promise<void> {
  const layer = await knownLayer(store, built.samples[patching][0] ?? '');
  const installed = await store.layers.features(layer.id);
  const { matches, undecided } = await store.matches.verdicts(layer.id);
  const clair = matches.map(
    ({ vulnerability: { feed, name }, feature: of }) => `${feed} ${name} ${featureIdentity(of)}`,
  );
  for (const form of FORMS) {
    const answer = await referenceMatches(engine.read, installed, form);
    const reference = answer.matches.map(
      ({ feed, vulnerability, package: { feature: of } }) => `${feed} ${vulnerability} ${featureIdentity(of)}`,
    );
    const isSame = clair.toSorted().join('\n') === reference.toSorted().join('\n');
    if (!isSame || answer.undecided !== undecided.length) {
      throw new Error(`${size} layers: the reference finds ${reference.length} matches, Clair ${clair.length}`);
    }
  }
}

async function countLayers(store: Store, vulnerability: string): Promise<number> {
  let count = 0;
  for (let after = 0; ; ) {
    const page = await store.matches.introducingLayers([vulnerability], { after, limit: PAGE });
    count += page.length;
    const end = page.at(-1);
    if (end === undefined || page.length < PAGE) return count;
    after = end.id;
  }
}

async function knownLayer(store: Store, name: string): Promise<Layer> {
  const layer = await store.layers.find(name);
  if (layer === undefined) throw new Error(`there is no layer ${name}`);
  return layer;
}

/** Rotates the items, so that each round starts with a different item. */
export function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  const start = round % Math.max(items.length, 1);
  return [...items.slice(start), ...items.slice(0, start)];
}

function itemAt(items: readonly AskedVulnerability[], round: number): AskedVulnerability {
  const item = items[round % items.length];
  if (item === undefined) throw new Error('there is nothing to query');
  return item;
}
