import type { VNode } from 'preact';
import type { Report } from '../../../src/model/report/report.ts';

/** The problems of an answer: on top, and never folded; an answer that may lack something is not read as a clean one. */
export function ProblemList({ problems }: { readonly problems: Report['diagnostics'] }): VNode | null {
  if (problems.length === 0) return null;
  const isIncomplete = problems.some(({ incomplete }) => incomplete);
  return (
    <section class={isIncomplete ? 'notice incomplete' : 'notice'} aria-label="Problems">
      <h2>{isIncomplete ? 'The answer is incomplete' : 'Notes'}</h2>
      <ul>
        {problems.map(({ code, message, where, incomplete }, index) => (
          <li key={index}>
            <b>{incomplete ? 'Problem' : 'Note'}</b> <code>{code}</code>: <bdi>{message}</bdi>{' '}
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
