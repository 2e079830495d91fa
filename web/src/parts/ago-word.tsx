import type { VNode } from 'preact';
import { countOf } from '../words.ts';

/** Units of time, in seconds. */
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** The age from which a time is shown as a date, in seconds. */
const MAX_AGE = 30 * DAY;

/** Shows the age of an API timestamp, or its date. The title contains the time to the minute, in UTC. */
export function AgoWord({ at }: { readonly at: string }): VNode {
  return (
    <time dateTime={at} title={`${at.slice(0, 10)} ${at.slice(11, 16)} UTC`}>
      {agoInWords(at, Date.now())}
    </time>
  );
}

/**
 * Returns the time since `at` (ISO 8601) as text, such as `3 h ago`. If `at` is 30 days ago or more, or in the
 * future, returns the date.
 */
export function agoInWords(at: string, now: number): string {
  const seconds = (now - Date.parse(at)) / 1000;
  if (!(seconds >= 0 && seconds < MAX_AGE)) return at.slice(0, 10);
  if (seconds < MINUTE) return 'just now';
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ago`;
  return seconds < DAY ? `${Math.floor(seconds / HOUR)} h ago` : `${countOf(Math.floor(seconds / DAY), 'day')} ago`;
}
