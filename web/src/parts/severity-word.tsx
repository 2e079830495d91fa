import type { VNode } from 'preact';
import { SEVERITIES, type Severity } from '../../../src/model/severity.ts';

/** The severities from the worst to the least, as they are shown. */
export const FROM_WORST: readonly Severity[] = SEVERITIES.toReversed();

/** A severity by its word; the colour only repeats it. */
export function SeverityWord({ severity }: { readonly severity: Severity }): VNode {
  return <span class={`severity ${severity.toLowerCase()}`}>{severity}</span>;
}

/** How many findings there are of each severity, without those that there are none of. */
export function SeverityCounts({
  counts,
  none,
}: {
  readonly counts: Partial<Readonly<Record<Severity, number>>>;
  readonly none: string;
}): VNode {
  const present = FROM_WORST.filter((severity) => (counts[severity] ?? 0) > 0);
  if (present.length === 0) return <span class="faint">{none}</span>;
  return (
    <ul class="counts">
      {present.map((severity) => (
        <li key={severity}>
          <SeverityWord severity={severity} /> <b>{counts[severity]?.toLocaleString('en')}</b>
        </li>
      ))}
    </ul>
  );
}

/** Counts findings by their severity. */
export function countSeverities(
  findings: readonly { readonly severity: Severity }[],
): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}
