import type { VNode } from 'preact';
import { countOf } from '../words.ts';
import { openAfter, type StreamPiece, streamShapes } from '../findings/finding-stream.ts';

/**
 * Shows the stream of open findings beside a row. The stream is hidden from screen readers. The stream bends at the
 * start of the layer and is straight below, so that rows can have any height.
 *
 * @param count the number that is shown beside the stream, if any
 */
export function StreamPicture({
  piece,
  widest,
  count,
}: {
  readonly piece: StreamPiece;
  readonly widest: number;
  readonly count?: number;
}): VNode {
  const { after } = piece;
  return (
    <div class="stream" aria-hidden="true">
      <Shapes kind="bend" piece={piece} widest={widest} />
      <Shapes kind="run" piece={{ before: after, after }} widest={widest} />
      {count !== undefined && (
        <span class="open-count" style={{ '--at': openAfter(piece) / widest }}>
          {count.toLocaleString('en')}
        </span>
      )}
    </div>
  );
}

function Shapes({
  kind,
  piece,
  widest,
}: {
  readonly kind: 'bend' | 'run';
  readonly piece: StreamPiece;
  readonly widest: number;
}): VNode {
  return (
    <svg class={kind} viewBox="0 0 100 100" preserveAspectRatio="none" focusable="false">
      {streamShapes(piece, widest).map(({ severity, count, path }) => (
        <path key={severity} class={severity.toLowerCase()} d={path}>
          <title>
            {severity}: {countOf(count, 'open finding')}
          </title>
        </path>
      ))}
    </svg>
  );
}
