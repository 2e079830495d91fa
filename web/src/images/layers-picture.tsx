import type { VNode } from 'preact';
import type { LayerOrigin } from '../../../src/model/report/report.ts';
import type { GraphLayer, GraphLine } from '../api-shapes.ts';
import { FROM_WORST, SeverityCounts, type SeverityNumbers } from '../parts/severity-word.tsx';
import { countOf } from '../words.ts';
import { findingStream, openAfter, type StreamPiece, widestOf } from '../findings/finding-stream.ts';
import type { OnlyPackage } from './layer-contents.tsx';
import { LayerRow } from './layer-row.tsx';
import { StreamPicture } from './stream-picture.tsx';

/**
 * Shows the layers of an image, starting with the base, with their instructions and changes. The stream of open
 * findings is shown beside the layers. Screen readers read the layers as a list; the stream shows only numbers that the
 * list also contains.
 */
export function LayersPicture({
  layers,
  lines,
  isIncomplete,
  wanted,
  only,
}: {
  readonly layers: readonly GraphLayer[];
  readonly lines: readonly GraphLine[];
  /** Whether findings might be missing. */
  readonly isIncomplete: boolean;
  /** The index of the layer to open and scroll to, if any. */
  readonly wanted: number | null;
  /** The package to which the contents of this layer are limited, if any. */
  readonly only: OnlyPackage | null;
}): VNode {
  const pieces = findingStream(layers);
  const widest = widestOf(pieces);
  const largest = Math.max(1, ...layers.map(({ size }) => size ?? 0));
  const last = pieces.at(-1) ?? NOTHING;
  return (
    <>
      <p class="faint">
        Layers, base first. The band on the left shows the open findings after each layer, worst severity first. The
        band widens where a layer introduces findings, and narrows where a layer fixes findings; the coloured bars of a
        layer use the same scale as the band. The blue bar compares the size of the layer with the largest layer.
      </p>
      <div class="picture">
        {groupsOf(layers, pieces).map(({ origin, rows }) => (
          <section key={rows[0]?.layer.index} class={`group ${origin}`}>
            <div class="row">
              <StreamPicture piece={straight(rows[0]?.piece.before ?? [])} widest={widest} />
              <h3>
                {ORIGIN_WORDS[origin]}
                {origin === 'unknown' && <small>{UNKNOWN_WORDS}</small>}
              </h3>
            </div>
            <ol start={rows[0]?.layer.index ?? 0}>
              {rows.map(({ layer, piece }) => (
                <LayerRow
                  key={layer.index}
                  {...{ layer, lines, piece, widest, largest }}
                  isWanted={layer.index === wanted}
                  only={layer.index === wanted ? only : null}
                />
              ))}
            </ol>
          </section>
        ))}
        <div class="row whole">
          <StreamPicture piece={straight(last.after)} widest={widest} />
          <div class="card">
            <p>
              <b>In the image</b> {countOf(openAfter(last), 'open finding')}
              {isIncomplete && (
                <b class="mark incomplete">, but the report is incomplete, so there may be more findings</b>
              )}
            </p>
            <SeverityCounts counts={countsOf(last.after)} none="" />
          </div>
        </div>
      </div>
    </>
  );
}

const ORIGIN_WORDS: Readonly<Record<LayerOrigin, string>> = {
  base: 'From the base image',
  own: 'Added by this image',
  unknown: 'Layers of unknown origin',
};

const UNKNOWN_WORDS =
  'Clair cannot determine whether these layers belong to a base image. Index the base image, so that Clair recognises its layers.';

const NOTHING: StreamPiece = { before: [], after: [] };

type Row = { readonly layer: GraphLayer; readonly piece: StreamPiece };

/** Groups adjacent layers of the same origin, with their pieces of the stream. */
function groupsOf(
  layers: readonly GraphLayer[],
  pieces: readonly StreamPiece[],
): readonly { readonly origin: LayerOrigin; readonly rows: readonly Row[] }[] {
  const groups: { readonly origin: LayerOrigin; readonly rows: Row[] }[] = [];
  for (const [index, layer] of layers.entries()) {
    const row = { layer, piece: pieces[index] ?? NOTHING };
    const last = groups.at(-1);
    if (last?.origin === layer.origin) last.rows.push(row);
    else groups.push({ origin: layer.origin, rows: [row] });
  }
  return groups;
}

function straight(counts: readonly number[]): StreamPiece {
  return { before: counts, after: counts };
}

function countsOf(counts: readonly number[]): SeverityNumbers {
  return Object.fromEntries(FROM_WORST.map((severity, index) => [severity, counts[index] ?? 0]));
}
