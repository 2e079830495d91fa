import type { GraphLayer, GraphLine } from '../api-shapes.ts';

/** The changes of a layer, and the version lines of its packages. */
export type LayerPart = { readonly layer: GraphLayer; readonly lines: readonly GraphLine[] };

/**
 * Returns the part of a layer about the package with this name, or undefined if the layer neither adds nor removes the
 * package.
 */
export function partOfPackage({ layer, lines }: LayerPart, name: string): LayerPart | undefined {
  const added = layer.added.filter((each) => each.name === name);
  const removed = layer.removed.filter((each) => each.name === name);
  if (added.length === 0 && removed.length === 0) return undefined;
  const brings = layer.brings.filter((finding) => finding.package === name);
  const repairs = layer.repairs.filter((finding) => finding.package === name);
  return {
    layer: { ...layer, added, removed, brings, repairs },
    lines: lines.filter((line) => line.points.some(({ packages }) => packages.includes(name))),
  };
}
