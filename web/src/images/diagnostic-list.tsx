import type { VNode } from 'preact';
import type { Report } from '../../../src/model/report/report.ts';

/**
 * Shows the diagnostics of a report, at the top and never collapsed, so that nobody mistakes an incomplete report for a
 * clean report.
 */
export function DiagnosticList({ diagnostics }: { readonly diagnostics: Report['diagnostics'] }): VNode | null {
  if (diagnostics.length === 0) return null;
  const isIncomplete = diagnostics.some(({ incomplete }) => incomplete);
  return (
    <section class={isIncomplete ? 'notice incomplete' : 'notice'} aria-label="Diagnostics">
      <h2>{isIncomplete ? 'The report is incomplete' : 'Diagnostics'}</h2>
      <ul>
        {diagnostics.map(({ code, message, where, incomplete }, index) => (
          <li key={index}>
            <b>{incomplete ? 'Incomplete' : 'Information'}</b> <code>{code}</code>: <bdi>{message}</bdi>{' '}
            {where !== '' && (
              <>
                (<bdi>{where}</bdi>)
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
