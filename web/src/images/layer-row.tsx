import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { GraphFinding, GraphLayer, GraphLine } from '../api-shapes.ts';
import { CommandWords } from '../parts/command-words.tsx';
import { countSeverities, SeverityBar, SeverityCounts } from '../parts/severity-word.tsx';
import { bytesInWords, countOf, instructionOf } from '../words.ts';
import { openAfter, openFindings, type StreamPiece } from '../findings/finding-stream.ts';
import { LayerContents, type OnlyPackage } from './layer-contents.tsx';
import { StreamPicture } from './stream-picture.tsx';

/** Shows a layer of the picture: its instruction (a button that opens the details), its changes, and its stream. */
export function LayerRow({
  layer,
  lines,
  piece,
  widest,
  largest,
  isWanted,
  only,
}: {
  readonly layer: GraphLayer;
  readonly lines: readonly GraphLine[];
  readonly piece: StreamPiece;
  /** The number of findings at the widest point of the stream. */
  readonly widest: number;
  /** The size of the largest layer in bytes, which is the full width of the size bars. */
  readonly largest: number;
  /** Whether the address names this layer. */
  readonly isWanted: boolean;
  /** The package to which the contents are limited, if any. */
  readonly only: OnlyPackage | null;
}): VNode {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isWanted) return;
    setOpen(true);
    button.current?.focus();
    button.current?.scrollIntoView({ block: 'start' });
    // The link to the whole layer disappears, so the focus moves back to the button.
  }, [isWanted, only?.name]);
  const { index, createdBy, size, brings, repairs } = layer;
  const id = `layer-${index}`;
  return (
    <li class="row layer">
      <StreamPicture piece={piece} widest={widest} count={openAfter(piece)} />
      <div class="card">
        <h4>
          <button
            type="button"
            class="instruction"
            ref={button}
            aria-expanded={isOpen}
            aria-controls={id}
            data-layer={index}
            onClick={() => setOpen(!isOpen)}
            onKeyDown={walk}
          >
            <span class="index">{index}</span>{' '}
            <code>
              <CommandWords text={instructionOf(createdBy)} />
            </code>
          </button>
        </h4>
        <p class="changes">
          <Size size={size} largest={largest} />
          <PackageChanges layer={layer} />
          <span class="unseen">{countOf(openAfter(piece), 'open finding')} after this layer</span>
        </p>
        <Flow words="Introduces" kind="brings" findings={brings} widest={widest} />
        <Flow words="Fixes" kind="repairs" findings={repairs} widest={widest} />
        <div id={id} hidden={!isOpen}>
          {isOpen && <LayerContents {...{ layer, lines, only }} />}
        </div>
      </div>
    </li>
  );
}

function Size({ size, largest }: { readonly size: number | null; readonly largest: number }): VNode {
  if (size === null) return <span class="faint">size unknown</span>;
  return (
    <span>
      <span class="size" aria-hidden="true" title="Size compared with the largest layer">
        <i style={{ width: `${(size / largest) * 100}%` }} />
      </span>
      {bytesInWords(size)}
    </span>
  );
}

function PackageChanges({ layer: { added, removed } }: { readonly layer: GraphLayer }): VNode {
  return (
    <>
      {added.length > 0 && <span>+{countOf(added.length, 'package')}</span>}
      {removed.length > 0 && <span>−{countOf(removed.length, 'package')}</span>}
    </>
  );
}

/** Shows the findings that a layer introduces or fixes, in the scale of the stream. */
function Flow({
  words,
  kind,
  findings,
  widest,
}: {
  readonly words: string;
  readonly kind: 'brings' | 'repairs';
  readonly findings: readonly GraphFinding[];
  readonly widest: number;
}): VNode | null {
  if (findings.length === 0) return null;
  const open = openFindings(findings);
  const counts = countSeverities(open);
  const suppressed = findings.length - open.length;
  return (
    <div class={`flow ${kind}`}>
      <span class="what">
        {words} {open.length.toLocaleString('en')}
      </span>
      <SeverityBar counts={counts} widest={widest} />
      <SeverityCounts counts={counts} none="all suppressed" />
      {suppressed > 0 && <span class="faint">{suppressed.toLocaleString('en')} suppressed</span>}
    </div>
  );
}

/**
 * Moves the focus to the next or previous layer with the arrow keys, and to the first or last layer with Home and End.
 */
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
