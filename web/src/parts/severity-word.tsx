import type { VNode } from 'preact';
import { SEVERITIES, type Severity, type SeverityOrigin } from '../../../src/model/severity.ts';

/** The severities from the worst to the least, as they are shown. */
export const FROM_WORST: readonly Severity[] = SEVERITIES.toReversed();

/** How many findings there are of each severity; one that there are none of may be absent. */
export type SeverityNumbers = Partial<Readonly<Record<Severity, number>>>;

/** A severity by its word, with where it comes from when that is not the feed itself; the colour only repeats the word. */
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

/** How many findings there are of each severity, without those that there are none of. */
export function SeverityCounts({ counts, none }: { readonly counts: SeverityNumbers; readonly none: string }): VNode {
  const present = FROM_WORST.filter((severity) => (counts[severity] ?? 0) > 0);
  if (present.length === 0) return <span class="faint">{none}</span>;
  return (
    <ul class="counts">
      {present.map((severity) => (
        <li key={severity} class={`severity ${severity.toLowerCase()}`}>
          {severity} <b>{counts[severity]?.toLocaleString('en')}</b>
        </li>
      ))}
    </ul>
  );
}

/**
 * The same numbers as a bar, for the eye alone.
 *
 * @param widest how many findings are as wide as the place of the bar
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

/** Counts findings by their severity. */
export function countSeverities(findings: readonly { readonly severity: Severity }[]): SeverityNumbers {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}

/** How many findings there are of all severities. */
export function sumOf(counts: SeverityNumbers): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
