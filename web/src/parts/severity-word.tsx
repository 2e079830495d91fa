import type { VNode } from 'preact';
import { numberInWords } from '../words.ts';
import { SEVERITIES, type Severity, type SeverityOrigin } from '../../../src/model/severity.ts';

/** The severities, the worst severity first. */
export const FROM_WORST: readonly Severity[] = SEVERITIES.toReversed();

/** The number of findings of each severity. An absent severity has no findings. */
export type SeverityNumbers = Partial<Readonly<Record<Severity, number>>>;

/** Shows a severity, with its origin unless the origin is the feed. The severity is also readable without colours. */
export function SeverityWord({
  severity,
  from = 'feed',
}: {
  readonly severity: Severity;
  readonly from?: SeverityOrigin;
}): VNode {
  return (
    <>
      <span class={`severity ${severity.toLowerCase()}`}>{severity}</span>
      {from !== 'feed' && <small>by {from.toUpperCase()}</small>}
    </>
  );
}

/** Shows the number of findings of each severity that occurs. */
export function SeverityCounts({ counts, none }: { readonly counts: SeverityNumbers; readonly none: string }): VNode {
  const present = FROM_WORST.filter((severity) => (counts[severity] ?? 0) > 0);
  if (present.length === 0) return <span class="faint">{none}</span>;
  return (
    <ul class="counts">
      {present.map((severity) => (
        <li key={severity} class={`severity ${severity.toLowerCase()}`}>
          {severity} <b>{numberInWords(counts[severity] ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}

/**
 * Shows the number of findings of each severity that occurs. The numbers are on a single line, each after the first
 * letter of its severity.
 */
export function ShortSeverityCounts({
  counts,
  none,
}: {
  readonly counts: SeverityNumbers;
  readonly none: string;
}): VNode {
  const present = FROM_WORST.filter((severity) => (counts[severity] ?? 0) > 0);
  if (present.length === 0) return <span class="faint">{none}</span>;
  return (
    <ul class="short-counts">
      {present.map((severity) => (
        <li key={severity} class={`severity ${severity.toLowerCase()}`}>
          <abbr title={severity}>{severity.slice(0, 1)}</abbr> <b>{numberInWords(counts[severity] ?? 0)}</b>
        </li>
      ))}
    </ul>
  );
}

/** Explains the letters of {@link ShortSeverityCounts}. */
export function SeverityLegend(): VNode {
  return (
    <p class="legend faint">
      {FROM_WORST.map((severity) => (
        <span key={severity}>
          <b>{severity.slice(0, 1)}</b> {severity}
        </span>
      ))}
    </p>
  );
}

/**
 * Shows the numbers of findings of each severity as a bar, which is hidden from screen readers.
 *
 * @param widest the number of findings that fills the width of the bar
 */
export function SeverityBar({
  counts,
  widest,
}: {
  readonly counts: SeverityNumbers;
  readonly widest: number;
}): VNode | null {
  if (sumOf(counts) === 0) return null;
  return (
    <div class="severity-bar" aria-hidden="true">
      {FROM_WORST.map((severity) => {
        const count = counts[severity] ?? 0;
        return (
          count > 0 && (
            <i key={severity} class={severity.toLowerCase()} style={{ width: `${(count / widest) * 100}%` }} />
          )
        );
      })}
    </div>
  );
}

/** Counts findings by severity, without severities that do not occur. */
export function countSeverities(findings: readonly { readonly severity: Severity }[]): SeverityNumbers {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}

/** Returns the number of findings of all severities. */
export function sumOf(counts: SeverityNumbers): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
