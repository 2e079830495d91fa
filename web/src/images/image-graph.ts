import type { Report } from '../../../src/model/report.ts';
import type { GraphAnswer, GraphFinding, ImageGraph } from '../api-shapes.ts';

/** Makes the graph of an image from what the API answers: its report tells which findings are suppressed. */
export function imageGraph(
  { layers, lines = [] }: GraphAnswer,
  { suppressed }: Pick<Report, 'suppressed'>,
): ImageGraph {
  const keys = new Set(suppressed.map(({ id, package: name, version }) => keyOf(id, name, version)));
  const shown = (finding: GraphAnswer['layers'][number]['brings'][number]): GraphFinding => {
    // `clair graph` calls it `id`, as the report does.
    const id = finding.vulnerability ?? finding.id ?? '';
    const { severity, status, package: name, version, fixedIn } = finding;
    return { id, severity, status, package: name, version, fixedIn, isSuppressed: keys.has(keyOf(id, name, version)) };
  };
  return {
    layers: layers.map((layer) => ({ ...layer, brings: layer.brings.map(shown), repairs: layer.repairs.map(shown) })),
    lines,
  };
}

function keyOf(...names: readonly string[]): string {
  return JSON.stringify(names);
}
