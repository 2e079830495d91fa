import type { FastifyReply } from 'fastify';
import { ClairError } from '../../errors.ts';
import { isCurrent } from '../../model/engine/engine-version.ts';
import type { Layer } from '../../model/layer.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { type KnownFacts, layerDiagnostics } from '../../report/image/layer-diagnostics.ts';
import type { LayerLayout } from '../../worker/layer/layer-layout.ts';
import { layerAt } from '../../worker/sources/layer-location.ts';
import type { ReadingOptions, RouteOptions } from '../api-options.ts';

/** A layer submitted by a client of either generation. */
export type SubmittedLayer = {
  readonly name: string;
  /** An http(s) URL, or a path below an allowed directory. */
  readonly location: string;
  /** The name of the parent layer; empty if the layer has no parent. */
  readonly parentName: string;
  /** `Docker` or `ACI`, in any case. */
  readonly format: string;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Analyses a submitted layer, unless this engine version or a newer version has already analysed a layer with the same
 * name. If the layer is already analysed, the parent and the bytes need not exist.
 *
 * @throws ClairError `layer/parent-unknown`, `request/invalid`, and the errors of {@link layerAt} and of the worker
 */
export async function analyzeSubmitted(
  { name, location, parentName, format, headers }: SubmittedLayer,
  { store, worker, http, allowedPaths, noteUse }: RouteOptions,
  signal: AbortSignal,
): Promise<Layer> {
  const layout = layoutOf(format);
  const known = await store.layers.find(name, worker.engineVersion);
  if (known !== undefined && isCurrent(known, worker.engineVersion)) {
    noteUse(known);
    return known;
  }
  const parent = parentName === '' ? null : await store.layers.find(parentName, worker.engineVersion);
  if (parent === undefined) {
    throw new ClairError('layer/parent-unknown', `parent layer ${parentName} is unknown: submit the parent first`);
  }
  if (parent !== null) noteUse(parent);
  const source = await layerAt(location, { http, allowedPaths, headers });
  const layer = await worker.analyzeLayer({ name, parent, source, layout, signal });
  noteUse(layer);
  return layer;
}

/** Returns a layer by name and records its use. @throws ClairError `layer/not-found` */
export async function layerNamed(
  { store, worker, noteUse }: Pick<ReadingOptions, 'store' | 'worker' | 'noteUse'>,
  name: string,
): Promise<Layer> {
  const layer = await store.layers.find(name, worker.engineVersion);
  if (layer === undefined) throw layerNotFound(name);
  noteUse(layer);
  return layer;
}

/** Returns the error for a name without a layer. */
export function layerNotFound(name: string): ClairError {
  return new ClairError('layer/not-found', `layer ${name} not found`);
}

/**
 * Returns the diagnostics of a layer, and adds their distinct codes to the header `Clair-Problems`.
 *
 * @param known the data about the layer that the route has already read
 */
export async function tellDiagnostics(
  { store }: Pick<RouteOptions, 'store'>,
  layer: Layer,
  reply: FastifyReply,
  known: KnownFacts = {},
): Promise<readonly Diagnostic[]> {
  const diagnostics = await layerDiagnostics(store, layer, store.now(), known);
  // A response about several layers calls this function once per layer, so the header keeps earlier codes.
  const told = String(reply.getHeader('clair-problems') ?? '').split(', ');
  const codes = new Set([...told, ...diagnostics.map(({ code }) => code)].filter((code) => code !== ''));
  if (codes.size > 0) reply.header('clair-problems', [...codes].join(', '));
  return diagnostics;
}

function layoutOf(format: string): LayerLayout {
  switch (format.toLowerCase()) {
    case 'docker':
      return 'docker';
    case 'aci':
      return 'aci';
    default:
      throw new ClairError('request/invalid', `the format "${format}" is not supported: use Docker or ACI`);
  }
}
