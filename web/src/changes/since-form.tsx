import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { isDay, type Since, SINCE_SPANS } from './since.ts';

const SPAN_WORDS: Readonly<Record<(typeof SINCE_SPANS)[number], string>> = {
  '1d': '24 hours ago',
  '7d': '7 days ago',
  '30d': '30 days ago',
};

const SPANS = SINCE_SPANS.map((value) => ({ value, words: SPAN_WORDS[value] }));

const CHOSEN_DATE = { value: 'date', words: 'a date' } as const;

const ALL = { value: 'all', words: 'all' } as const;

/** Shows a form to select the start of the period: a number of days ago, or a date (midnight UTC). */
export function SinceForm({
  since,
  change,
  hasAll = false,
}: {
  readonly since: Since;
  /** The form calls this function with the selected start. */
  readonly change: (since: Since) => void;
  /** Whether the reader can select all changes. */
  readonly hasAll?: boolean;
}): VNode {
  /** The start for which the reader selects a date; the date takes effect when the reader has entered the date. */
  const [replaced, setReplaced] = useState<Since | null>(null);
  const choice = isDay(since) || replaced === since ? CHOSEN_DATE.value : since;
  const [today] = new Date().toISOString().split('T', 1);
  return (
    <form class="filters" aria-label="Start date of the changes" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="choice">
        <legend>Since</legend>
        {[...SPANS, CHOSEN_DATE, ...(hasAll ? [ALL] : [])].map(({ value, words }) => (
          <label key={value}>
            <input
              type="radio"
              name="since"
              checked={choice === value}
              onChange={() => {
                setReplaced(value === CHOSEN_DATE.value ? since : null);
                if (value !== CHOSEN_DATE.value) change(value);
              }}
            />
            {words}
          </label>
        ))}
      </fieldset>
      {choice === CHOSEN_DATE.value && (
        <label>
          Date{' '}
          <input
            type="date"
            max={today}
            defaultValue={isDay(since) ? since : ''}
            onChange={({ currentTarget }) => {
              const { value, validity } = currentTarget;
              if (isDay(value) && validity.valid) change(value);
            }}
          />
        </label>
      )}
    </form>
  );
}
