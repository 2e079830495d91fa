import type { VNode } from 'preact';
import type { Report } from '../../../src/model/report/report.ts';
import { parseSeverity } from '../../../src/model/severity.ts';
import { type KevGap, KevMark } from '../parts/kev-mark.tsx';
import { KindSelect } from '../parts/kind-select.tsx';
import { FROM_WORST } from '../parts/severity-word.tsx';
import { instructionOf } from '../words.ts';
import type { FindingFilter } from './finding-filter.ts';

/** Shows the filters of the findings of an image. Each change takes effect immediately. */
export function FindingFilters({
  filter,
  layers,
  kevGap,
  change,
}: {
  readonly filter: FindingFilter;
  readonly layers: Report['layers'];
  readonly kevGap: KevGap | null;
  readonly change: (part: Partial<FindingFilter>) => void;
}): VNode {
  return (
    <form class="filters" aria-label="Filter the findings" onSubmit={(event) => event.preventDefault()}>
      <label>
        Search{' '}
        <input
          type="search"
          placeholder="CVE or package"
          value={filter.text}
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
        />
      </label>
      <label>
        Minimum severity{' '}
        <select
          value={filter.least}
          onChange={({ currentTarget }) => change({ least: parseSeverity(currentTarget.value) ?? 'Unknown' })}
        >
          {FROM_WORST.map((severity) => (
            <option key={severity} value={severity}>
              {severity === 'Unknown' ? 'any' : severity}
            </option>
          ))}
        </select>
      </label>
      <label>
        From layer{' '}
        <select
          value={filter.layer ?? ''}
          onChange={({ currentTarget: { value } }) => change({ layer: value === '' ? null : Number(value) })}
        >
          <option value="">any</option>
          {layers.map(({ index, createdBy }) => (
            <option key={index} value={index}>
              {index}: {instructionOf(createdBy).slice(0, 40)}
            </option>
          ))}
        </select>
      </label>
      <KindSelect kind={filter.kind} change={(kind) => change({ kind })} />
      {filter.package !== null && (
        <span>
          Only the package <b>{filter.package}</b>{' '}
          <button
            type="button"
            onClick={({ currentTarget }) => {
              change({ package: null });
              // The button disappears, so the focus moves to the search field.
              currentTarget.form?.querySelector('input')?.focus();
            }}
          >
            All packages
          </button>
        </span>
      )}
      <label>
        <input
          type="checkbox"
          checked={filter.isFixable}
          onChange={({ currentTarget }) => change({ isFixable: currentTarget.checked })}
        />{' '}
        Fixable
      </label>
      <label>
        <input
          type="checkbox"
          checked={filter.isExploited}
          onChange={({ currentTarget }) => change({ isExploited: currentTarget.checked })}
        />{' '}
        Known exploited <KevMark gap={kevGap} />
      </label>
    </form>
  );
}
