import type { VNode } from 'preact';
import type { LayerOrigin } from '../../../src/model/report/report.ts';
import type { GraphLayer, GraphLine } from '../api-shapes.ts';
import { FROM_WORST, SeverityCounts, type SeverityNumbers } from '../parts/severity-word.tsx';
import { countOf } from '../words.ts';
import { findingStream, openAfter, type StreamPiece, widestOf } from '../findings/finding-stream.ts';
import { LayerRow } from './layer-row.tsx';
import { StreamPicture } from './stream-picture.tsx';

/**
 * An image as the picture of its layers, from the base on: what each is made by, what it adds and removes, and beside them the
 * stream of open findings, which becomes wider by what a layer brings and narrower by what it repairs. It is a list, and can
 * be read as one; the stream says nothing that is not said in words.
 */
export function LayersPicture({
  layers,
  lines,
  isIncomplete,
  wanted,
}: {
  readonly layers: readonly GraphLayer[];
  readonly lines: readonly GraphLine[];
  /** Whether there may be more findings than are known. */
  readonly isIncomplete: boolean;
  /** The index of the layer that is opened and led to, if any. */
  readonly wanted: number | null;
}): VNode {
  const pieces = findingStream(layers);
  const widest = widestOf(pieces);
  const largest = Math.max(1, ...layers.map(({ size }) => size ?? 0));
  const last = pieces.at(-1) ?? NOTHING;
  return (
    <>
      <p class="faint">
        From the base on. Beside the layers runs the stream of findings that are open, the worst at the left: wider by
        what a layer brings in, narrower by what it repairs.
      </p>
      <div class="picture">
        {groupsOf(layers, pieces).map(({ origin, rows }) => (
          <section key={rows[0]?.layer.index} class={`group ${origin}`}>
            <div class="row">
              <StreamPicture piece={straight(rows[0]?.piece.before ?? [])} widest={widest} />
              <h3>{ORIGIN_WORDS[origin]}</h3>
            </div>
            <ol start={rows[0]?.layer.index ?? 0}>
              {rows.map(({ layer, piece }) => (
                <LayerRow
                  key={layer.index}
                  {...{ layer, lines, piece, widest, largest }}
                  isWanted={layer.index === wanted}
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
              {isIncomplete && <b class="mark incomplete">, but the answer is incomplete: there may be more</b>}
            </p>
            <SeverityCounts counts={countsOf(last.after)} none="" />
          </div>
        </div>
      </div>
    </>
  );
}

const ORIGIN_WORDS: Readonly<Record<LayerOrigin, string>> = {
  base: 'What came with the base image',
  own: 'What this image’s own instructions added',
  unknown: 'Layers of which it is not known whether they came with a base image',
};

const NOTHING: StreamPiece = { before: [], after: [] };

type Row = { readonly layer: GraphLayer; readonly piece: StreamPiece };

/** The layers of one origin that follow each other, each with its piece of the stream. */
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
