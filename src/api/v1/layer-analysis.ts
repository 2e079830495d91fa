import type { FastifyReply } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { Layer } from '../../model/layer.ts';
import type { Verdicts } from '../../model/report/match.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { layerDiagnostics } from '../../report/image/layer-diagnostics.ts';
import type { LayerLayout } from '../../worker/layer/layer-layout.ts';
import { layerAt } from '../../worker/sources/layer-location.ts';
import type { RouteOptions } from '../api-options.ts';

/** A layer that a client names, in the words of both generations. */
export type SubmittedLayer = {
  readonly name: string;
  /** A URL, or a path below a directory that is allowed. */
  readonly location: string;
  /** Of the layer below; empty for none. */
  readonly parentName: string;
  /** `Docker` or `ACI`, in any case of letters. */
  readonly format: string;
  readonly headers: Readonly<Record<string, string>>;
};

/**
 * Analyses a layer that a client names, unless this engine knows one of that name: whoever posts it again need not have its
 * parent nor its bytes any more.
 *
 * @throws ClairError `layer/parent-unknown`, `request/invalid`; what {@link layerAt} and the worker throw.
 */
export async function analyzeSubmitted(
  { name, location, parentName, format, headers }: SubmittedLayer,
  { store, worker, http, allowedPaths, noteUse }: RouteOptions,
  signal: AbortSignal,
): Promise<Layer> {
  const layout = layoutOf(format);
  const known = await store.layers.find(name);
  if (known !== undefined && known.engineVersion >= worker.engineVersion) {
    noteUse(known);
    return known;
  }
  const parent = parentName === '' ? null : await store.layers.find(parentName);
  if (parent === undefined) {
    throw new ClairError('layer/parent-unknown', `parent layer ${parentName} is unknown, it must be processed first`);
  }
  if (parent !== null) noteUse(parent);
  const source = await layerAt(location, { http, allowedPaths, headers });
  const layer = await worker.analyzeLayer({ name, parent, source, layout, signal });
  noteUse(layer);
  return layer;
}

/** The layer of that name, for which a client asked. @throws ClairError `layer/not-found`. */
export async function layerNamed(
  { store, noteUse }: Pick<RouteOptions, 'store' | 'noteUse'>,
  name: string,
): Promise<Layer> {
  const layer = await store.layers.find(name);
  if (layer === undefined) throw new ClairError('layer/not-found', `there is no layer ${name}`);
  noteUse(layer);
  return layer;
}

/**
 * Gives what must be known to trust the answers for a layer, and says so in a header, too: `Clair-Problems` has the code
 * of each, once. Clients of the original see neither.
 *
 * @param verdicts what the feeds say of its packages; read when it is not given
 */
export async function tellDiagnostics(
  { store }: Pick<RouteOptions, 'store'>,
  layer: Layer,
  reply: FastifyReply,
  verdicts?: Verdicts,
): Promise<readonly Diagnostic[]> {
  const diagnostics = await layerDiagnostics(store, layer, store.now(), verdicts && { verdicts });
  // An answer may be about several layers.
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
      throw new ClairError('request/invalid', `the format "${format}" is not supported; it must be Docker or ACI`);
  }
}
