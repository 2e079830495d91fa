import type { Store } from '../database/store.ts';
import type { Layer, PackageChange } from '../model/layer.ts';
import type { Match } from '../model/match.ts';
import type { ReportLayer } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import type { Status } from '../model/status.ts';
import { layerOrigins } from './base-layers.ts';
import type { ReportedImage } from './image-report.ts';

/** A layer of an image with all that it changes: the names are a contract with whoever reads the JSON of the API. */
export type GraphLayer = Pick<ReportLayer, 'index' | 'createdBy' | 'origin' | 'size'> & {
  readonly added: readonly GraphPackage[];
  readonly removed: readonly GraphPackage[];
  /** The findings that are there with it and not without it, and the other way round. */
  readonly brings: readonly GraphFinding[];
  readonly repairs: readonly GraphFinding[];
};

export type GraphPackage = { readonly name: string; readonly version: string; readonly arch: string };

export type GraphFinding = {
  readonly vulnerability: string;
  readonly package: string;
  /** That it has with the layer; of what is repaired, that it had below. */
  readonly version: string;
  readonly severity: Severity;
  readonly status: Status;
  readonly fixedIn: string | null;
};

/**
 * Tells of each layer of an image, base first, which packages and findings it adds and removes. A package that is
 * upgraded from one vulnerable version to another one brings nothing and repairs nothing. Findings are those of the data,
 * whatever rules suppress.
 *
 * @param layers as they are known
 * @throws the reason of the signal
 */
export async function layerGraph(
  store: Pick<Store, 'images' | 'layers' | 'matches'>,
  image: ReportedImage,
  layers: readonly Layer[],
  signal?: AbortSignal,
): Promise<readonly GraphLayer[]> {
  const origins = await layerOrigins(store, image, layers);
  const graph: GraphLayer[] = [];
  let below = new Map<string, Match>();
  for (const [index, layer] of layers.entries()) {
    signal?.throwIfAborted();
    const changes = await store.layers.changes(layer.id);
    const present = new Map((await store.matches.ofLayer(layer.id)).map((match) => [keyOf(match), match]));
    graph.push({
      index,
      createdBy: image.layers[index]?.createdBy ?? '',
      origin: origins[index] ?? 'unknown',
      size: image.layers[index]?.size ?? null,
      added: packagesOf(changes, 1),
      removed: packagesOf(changes, -1),
      brings: missingIn(below, present),
      repairs: missingIn(present, below),
    });
    below = present;
  }
  return graph;
}

/** A finding is the same one as long as the package has it, in whatever version. */
function keyOf({ vulnerability, namespace, package: of }: Match): string {
  return JSON.stringify([vulnerability.source, vulnerability.name, namespace, of.kind, of.name, of.arch]);
}

function packagesOf(changes: readonly PackageChange[], wanted: PackageChange['change']): readonly GraphPackage[] {
  return changes
    .filter(({ change }) => change === wanted)
    .map(({ package: { name, version, arch } }) => ({ name, version, arch }));
}

function missingIn(known: ReadonlyMap<string, Match>, matches: ReadonlyMap<string, Match>): readonly GraphFinding[] {
  return [...matches]
    .filter(([key]) => !known.has(key))
    .map(([, { vulnerability, package: of, severity, status, fixed }]) => ({
      vulnerability: vulnerability.name,
      package: of.name,
      version: of.version,
      severity,
      status,
      fixedIn: fixed,
    }));
}
