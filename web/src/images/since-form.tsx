import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

const DAY_MS = 86_400_000;

const SPANS = [
  { days: 1, words: '24 hours ago' },
  { days: 7, words: '7 days ago' },
  { days: 30, words: '30 days ago' },
] as const;

const CHOSEN_DATE = 'date';

/** Shows a form to select the start of the period: a number of days ago, or a date (midnight UTC). */
export function SinceForm({
  days,
  change,
}: {
  /** The initial selection. */
  readonly days: (typeof SPANS)[number]['days'];
  /** The form calls this function with the selected time (ISO 8601). */
  readonly change: (since: string) => void;
}): VNode {
  const [choice, setChoice] = useState<string>(String(days));
  const [today] = sinceDaysAgo(0).split('T', 1);
  return (
    <form class="filters" aria-label="Start date of the changes" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="choice">
        <legend>Since</legend>
        {[...SPANS.map((span) => ({ value: String(span.days), words: span.words })), OWN_DATE].map(
          ({ value, words }) => (
            <label key={value}>
              <input
                type="radio"
                name="since"
                checked={choice === value}
                onChange={() => {
                  setChoice(value);
                  if (value !== CHOSEN_DATE) change(sinceDaysAgo(Number(value)));
                }}
              />
              {words}
            </label>
          ),
        )}
      </fieldset>
      {choice === CHOSEN_DATE && (
        <label>
          Date{' '}
          <input
            type="date"
            max={today}
            onChange={({ currentTarget }) => {
              const { value, validity } = currentTarget;
              if (value !== '' && validity.valid) change(`${value}T00:00:00.000Z`);
            }}
          />
        </label>
      )}
    </form>
  );
}

const OWN_DATE = { value: CHOSEN_DATE, words: 'a date' };

/** Returns the time `days` days ago (ISO 8601). */
export function sinceDaysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}
