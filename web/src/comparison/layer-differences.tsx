import type { VNode } from 'preact';
import type { ComparedImage, ImageDifference } from '../api-shapes.ts';
import { useFirstShown } from '../parts/first-shown.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { layerAddress } from '../place.ts';
import { countOf, instructionOf } from '../words.ts';

/** The number of rows of the table shown at first. */
const FIRST_SHOWN = 50;

/** Shows the layers above the shared base layers of both images side by side, lowest first. */
export function LayerDifferences({ difference }: { readonly difference: ImageDifference }): VNode {
  const { before, after, sharedLayers } = difference;
  const count = Math.max(before.layers.length, after.layers.length);
  const rows = Array.from({ length: count - sharedLayers }, (_, index) => sharedLayers + index);
  const [shown, more] = useFirstShown(rows, FIRST_SHOWN);
  return (
    <section aria-labelledby="compared-layers">
      <h2 id="compared-layers">Layers</h2>
      <p>{rows.length === 0 ? `Both images have the same ${countOf(count, 'layer')}.` : sharedWords(sharedLayers)}</p>
      {rows.length > 0 && (
        <TableFrame label="Layers that differ" columns={['Layer', 'First image', 'Second image']}>
          {shown.map((index) => (
            <tr key={index}>
              <th scope="row">{index}</th>
              <td class="words" data-label="First image">
                <Layer image={before} index={index} />
              </td>
              <td class="words" data-label="Second image">
                <Layer image={after} index={index} />
              </td>
            </tr>
          ))}
        </TableFrame>
      )}
      {more}
    </section>
  );
}

function sharedWords(count: number): string {
  if (count === 0) return 'The images do not have the same lowest layer.';
  const shared = count === 1 ? 'The lowest layer is' : `The lowest ${countOf(count, 'layer')} are`;
  return `${shared} the same. These layers differ:`;
}

function Layer({ image, index }: { readonly image: ComparedImage; readonly index: number }): VNode {
  const layer = image.layers[index];
  if (layer === undefined) return <span class="faint">no layer</span>;
  return <a href={layerAddress(image.target.digest, index)}>{instructionOf(layer.createdBy)}</a>;
}
