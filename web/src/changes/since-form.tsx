import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isDay } from '../../../src/model/time/day.ts';
import { DateField } from '../fields/date-field.tsx';
import { type Since, SINCE_SPANS } from './since.ts';

const SPAN_WORDS: Readonly<Record<(typeof SINCE_SPANS)[number], string>> = {
  '1d': '24 hours ago',
  '7d': '7 days ago',
  '30d': '30 days ago',
};

const SPANS = SINCE_SPANS.map((value) => ({ value, words: SPAN_WORDS[value] }));

const CHOSEN_DATE = { value: 'date', words: 'a date' } as const;

/** The first accepted day, so that the years 2, 20 and 202 do not take effect while the reader types 2026. */
const FIRST_DAY = '2000-01-01';

const ALL = { value: 'all', words: 'all' } as const;

/**
 * Shows a form to select the start of the period: a number of days ago, a date (midnight UTC) or, with `hasAll`, no
 * start.
 */
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
  const [isDateChosen, setIsDateChosen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  /** The dates from the field that have not become the start yet, because the address changes later. */
  const entered = useRef<readonly Since[]>([]);
  const day = isDay(since) ? since : null;
  useLayoutEffect(() => {
    const place = entered.current.indexOf(since);
    entered.current = place === -1 ? [] : entered.current.slice(place + 1);
    // The reader may still type in the field, so only another address, such as after Back, replaces the text.
    if (place !== -1) return;
    setIsDateChosen(false);
    if (field.current !== null) field.current.value = day ?? '';
  }, [since]);
  const choice = day !== null || isDateChosen ? CHOSEN_DATE.value : since;
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
                setIsDateChosen(value === CHOSEN_DATE.value);
                if (value !== CHOSEN_DATE.value) change(value);
              }}
            />
            {words}
          </label>
        ))}
      </fieldset>
      {choice === CHOSEN_DATE.value && (
        <DateField
          words="Date"
          field={field}
          initial={day ?? ''}
          subject={since}
          bounds={{ min: FIRST_DAY, max: today }}
          faults={{
            missing: 'Enter a date.',
            early: `Enter a date from ${FIRST_DAY} on.`,
            late: 'Enter a date up to today (UTC).',
          }}
          whenTyped={({ value, validity }) => {
            if (!isDay(value) || !validity.valid || value === (entered.current.at(-1) ?? since)) return;
            entered.current = [...entered.current, value];
            change(value);
          }}
          whenLeft={() => {
            entered.current = [];
          }}
        />
      )}
    </form>
  );
}
