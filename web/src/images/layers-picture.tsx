import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { LayerOrigin } from '../../../src/model/report.ts';
import type { GraphFinding, GraphLayer, GraphLine } from '../api-shapes.ts';
import { countSeverities, SeverityCounts } from '../parts/severity-word.tsx';
import { bytesInWords, countOf, instructionOf } from '../words.ts';
import { findingStream, openFindings, type StreamPiece, streamShapes, widestOf } from './finding-stream.ts';
import { LayerContents } from './layer-contents.tsx';

/**
 * An image as the picture of its layers, from the base on: what each is made by, what it adds and removes, and beside them the
 * stream of open findings, which becomes wider by what a layer brings and narrower by what it repairs. It is a list, and can
 * be read as one; the stream says nothing that is not said in words.
 */
export function LayersPicture({
  layers,
  lines,
}: {
  readonly layers: readonly GraphLayer[];
  readonly lines: readonly GraphLine[];
}): VNode {
  const pieces = findingStream(layers);
  const widest = widestOf(pieces);
  const largest = Math.max(1, ...layers.map(({ size }) => size ?? 0));
  return (
    <div class="picture">
      {groupsOf(layers).map((group) => (
        <section key={group[0]?.index} class={`group ${group[0]?.origin ?? 'unknown'}`}>
          <h3>{ORIGIN_WORDS[group[0]?.origin ?? 'unknown']}</h3>
          <ol start={(group[0]?.index ?? 0) + 1}>
            {group.map((layer) => (
              <LayerRow
                key={layer.index}
                layer={layer}
                lines={lines}
                piece={pieces[layers.indexOf(layer)]}
                widest={widest}
                largest={largest}
              />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

const ORIGIN_WORDS: Readonly<Record<LayerOrigin, string>> = {
  base: 'What came with the base image',
  own: 'What this image’s own instructions added',
  unknown: 'Layers of which it is not known whether they came with a base image',
};

type LayerRowProps = {
  readonly layer: GraphLayer;
  readonly lines: readonly GraphLine[];
  readonly piece: StreamPiece | undefined;
  readonly widest: number;
  /** The bytes of the largest layer, which the bars of all are measured by. */
  readonly largest: number;
};

function LayerRow({ layer, lines, piece, widest, largest }: LayerRowProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const { index, createdBy, size, added, removed, brings, repairs } = layer;
  const id = `layer-${index}`;
  const open = piece?.after.reduce((sum, count) => sum + count, 0) ?? 0;
  return (
    <li class={isOpen ? 'layer open' : 'layer'}>
      <Stream piece={piece} widest={widest} />
      <div class="card">
        <h4>
          <button
            type="button"
            class="instruction"
            aria-expanded={isOpen}
            aria-controls={id}
            data-layer={index}
            onClick={() => setOpen(!isOpen)}
            onKeyDown={walk}
          >
            <span class="index">{index + 1}</span> <code>{instructionOf(createdBy)}</code>
          </button>
        </h4>
        <p class="changes">
          <span>{size === null ? 'size not told' : bytesInWords(size)}</span>
          <span class="plus">+{countOf(added.length, 'package')}</span>
          <span class="minus">−{countOf(removed.length, 'package')}</span>
          <span class="faint">{countOf(open, 'finding')} open from here on</span>
        </p>
        <div class="size" aria-hidden="true">
          <i style={{ width: `${((size ?? 0) / largest) * 100}%` }} />
        </div>
        <Flow words="Brings in" kind="brings" findings={brings} />
        <Flow words="Repairs" kind="repairs" findings={repairs} />
        <div id={id} hidden={!isOpen}>
          {isOpen && <LayerContents layer={layer} lines={lines} />}
        </div>
      </div>
    </li>
  );
}

function Flow({
  words,
  kind,
  findings,
}: {
  readonly words: string;
  readonly kind: 'brings' | 'repairs';
  readonly findings: readonly GraphFinding[];
}): VNode | null {
  if (findings.length === 0) return null;
  const open = openFindings(findings);
  const suppressed = findings.length - open.length;
  return (
    <div class="flow">
      <span class={kind}>{words}</span> <SeverityCounts counts={countSeverities(open)} none="nothing that counts" />
      {suppressed > 0 && <span class="faint">{suppressed.toLocaleString('en')} suppressed</span>}
    </div>
  );
}

function Stream({ piece, widest }: { readonly piece: StreamPiece | undefined; readonly widest: number }): VNode {
  const shapes = piece === undefined ? [] : streamShapes(piece, widest);
  return (
    <svg class="stream" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {shapes.map(({ severity, points }) => (
        <polygon key={severity} class={severity.toLowerCase()} points={points} />
      ))}
    </svg>
  );
}

/** The layers of one origin that follow each other. */
function groupsOf(layers: readonly GraphLayer[]): readonly (readonly GraphLayer[])[] {
  const groups: GraphLayer[][] = [];
  for (const layer of layers) {
    const last = groups.at(-1);
    if (last?.[0]?.origin === layer.origin) last.push(layer);
    else groups.push([layer]);
  }
  return groups;
}

/** Arrows lead from layer to layer, Home and End to the first and the last. */
function walk(event: KeyboardEvent & { readonly currentTarget: HTMLButtonElement }): void {
  const all = [...document.querySelectorAll<HTMLButtonElement>('[data-layer]')];
  const here = all.indexOf(event.currentTarget);
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: here + 1,
    ArrowUp: here - 1,
    Home: 0,
    End: all.length - 1,
  };
  const target = all[targets[event.key] ?? -1];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
