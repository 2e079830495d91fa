import type { VNode } from 'preact';

/** Shows an API timestamp, to the minute, in UTC. */
export function TimeWord({ at }: { readonly at: string }): VNode {
  return (
    <time dateTime={at}>
      {at.slice(0, 10)} {at.slice(11, 16)} <small>UTC</small>
    </time>
  );
}
