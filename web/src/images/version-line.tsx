import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { GraphLine, GraphPoint } from '../api-shapes.ts';
import { FROM_WORST } from '../parts/severity-word.tsx';
import { countOf } from '../words.ts';
import { intervalInWords, type VersionScale, versionScale } from './version-scale.ts';

/** The maximum number of bars that are shown. The worst vulnerabilities come first. */
const MAX_BARS = 40;

/** The minimum and maximum width of a version column, and the width of a character in the column. */
const MIN_REM = 8;
const MAX_REM = 24;
const REM_PER_CHARACTER = 0.55;

/**
 * Shows a version line, which is collapsed at first, with its versions from 0 to ∞. The installed versions are points,
 * and the vulnerabilities are bars over the affected versions.
 */
export function VersionLine({ line }: { readonly line: GraphLine }): VNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="line" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <bdi>{line.name}</bdi> in {line.namespace}: {countOf(line.intervals.length, 'vulnerable range')}
      </summary>
      {isOpen && <LinePicture name={line.name} scale={versionScale(line)} />}
    </details>
  );
}

function LinePicture({
  name,
  scale: { versions, bars, dots },
}: {
  readonly name: string;
  readonly scale: VersionScale;
}): VNode {
  const worstFirst = bars.toSorted(
    (one, other) => FROM_WORST.indexOf(one.interval.severity) - FROM_WORST.indexOf(other.interval.severity),
  );
  const columns = columnsFor(versions);
  return (
    <div class="scale" role="region" aria-label={`Version line of ${name}`} tabIndex={0}>
      <ol class="versions" style={columns} aria-label="Versions in order">
        {versions.map((version, place) => (
          <li key={place} style={{ gridColumn: String(place + 1) }}>
            <code>{version}</code>
          </li>
        ))}
      </ol>
      <ul class="points" style={columns} aria-label="Installed versions">
        {dots.map(({ point, at }, index) => (
          <li
            key={index}
            class={point.until === null ? 'present' : 'gone'}
            style={{ gridColumn: String(at + 1), gridRow: String(index + 1) }}
          >
            {pointInWords(point)}
          </li>
        ))}
      </ul>
      <ul class="bars" style={columns} aria-label="Vulnerable ranges">
        {worstFirst.slice(0, MAX_BARS).map(({ interval, from, to }, index) => (
          <li
            key={index}
            title={`${interval.vulnerability}: ${interval.severity}, ${intervalInWords(interval)}`}
            class={`${interval.severity.toLowerCase()}${interval.isToAffected ? ' through' : ''}`}
            style={{ gridColumn: `${from + 1} / ${Math.max(to, from + 1) + 1}`, gridRow: String(index + 1) }}
          >
            {interval.vulnerability}{' '}
            <small>
              {interval.severity}, {intervalInWords(interval)}
            </small>
          </li>
        ))}
      </ul>
      {bars.length > MAX_BARS && (
        <p class="faint">
          Only {MAX_BARS} of {bars.length.toLocaleString('en')} vulnerable ranges are shown, worst severity first.
        </p>
      )}
    </div>
  );
}

/**
 * Returns the columns that all lists of a version line share. Each version has a column. All columns except the column
 * of ∞ are as wide as the longest version.
 */
function columnsFor(versions: readonly string[]): { readonly gridTemplateColumns: string; readonly minWidth: string } {
  const width = Math.min(MAX_REM, Math.max(MIN_REM, ...versions.map(({ length }) => length * REM_PER_CHARACTER + 1)));
  const count = versions.length - 1;
  return {
    gridTemplateColumns: `repeat(${count}, minmax(${width}rem, 1fr)) 3rem`,
    minWidth: `${count * width + 3}rem`,
  };
}

function pointInWords({ version, layer, until }: GraphPoint): string {
  const gone = until === null ? '' : `, removed in layer ${until}`;
  return `${version} added in layer ${layer}${gone}`;
}
