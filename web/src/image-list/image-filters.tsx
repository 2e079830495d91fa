import type { VNode } from 'preact';
import { parseSeverity } from '../../../src/model/severity.ts';
import { type KevGap, KevMark } from '../parts/kev-mark.tsx';
import { FROM_WORST } from '../parts/severity-word.tsx';
import { FEED_GAPS, IMAGE_SORTS, type ImageListQuery, type ImageSort } from './image-list-query.ts';

const SORT_WORDS: Readonly<Record<ImageSort, string>> = {
  scannedAt: 'last scanned',
  severity: 'exploited, then severity',
  findings: 'most findings',
  reference: 'reference',
};

/**
 * Shows the filters and the sort order of the images. Text fields take effect when the reader submits the form; all other
 * fields take effect immediately.
 */
export function ImageFilters({
  query,
  kevGap,
  change,
}: {
  readonly query: ImageListQuery;
  readonly kevGap: KevGap | null;
  readonly change: (query: ImageListQuery) => void;
}): VNode {
  const checkbox = (
    name: 'fixable' | 'fixableHigh' | 'exploited' | 'incomplete',
    words: string,
    mark?: VNode,
  ): VNode => (
    <label>
      <input
        type="checkbox"
        checked={query[name]}
        onChange={({ currentTarget }) => change({ ...query, [name]: currentTarget.checked })}
      />{' '}
      {words} {mark}
    </label>
  );
  return (
    <form
      role="search"
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        change({ ...query, search: textOf(data, 'search'), distribution: textOf(data, 'distribution') });
      }}
    >
      <label>
        Search{' '}
        <input
          key={query.search}
          name="search"
          type="search"
          defaultValue={query.search}
          placeholder="part of the name"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <label>
        Distribution{' '}
        <input
          key={query.distribution}
          name="distribution"
          defaultValue={query.distribution}
          placeholder="debian:12"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <button type="submit">Search</button>
      <label>
        Minimum severity{' '}
        <select
          value={query.severity ?? ''}
          onChange={({ currentTarget }) => change({ ...query, severity: parseSeverity(currentTarget.value) ?? null })}
        >
          <option value="">any</option>
          {FROM_WORST.map((severity) => (
            <option key={severity} value={severity}>
              {severity}
            </option>
          ))}
        </select>
      </label>
      {checkbox('fixable', 'Fixable')}
      {checkbox('fixableHigh', 'Fixable High or above')}
      {checkbox('exploited', 'Exploited', <KevMark gap={kevGap} />)}
      {checkbox('incomplete', 'Incomplete')}
      <label>
        Feeds{' '}
        <select
          value={query.feeds ?? ''}
          onChange={({ currentTarget: { value } }) =>
            change({ ...query, feeds: FEED_GAPS.find((gap) => gap === value) ?? null })
          }
        >
          <option value="">any</option>
          {FEED_GAPS.map((gap) => (
            <option key={gap} value={gap}>
              {gap}
            </option>
          ))}
        </select>
      </label>
      <label>
        Sort by{' '}
        <select
          value={query.sort}
          onChange={({ currentTarget: { value } }) =>
            change({ ...query, sort: IMAGE_SORTS.find((sort) => sort === value) ?? 'scannedAt' })
          }
        >
          {IMAGE_SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_WORDS[sort]}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

function textOf(data: FormData, name: string): string {
  const text = data.get(name);
  return typeof text === 'string' ? text.trim() : '';
}
