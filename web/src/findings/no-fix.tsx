import type { VNode } from 'preact';
import type { Status } from '../../../src/model/advisories/status.ts';

/** Shows that no fixed version is known, and the status that the feed lists, unless the status is `open`. */
export function NoFix({ status }: { readonly status: Status }): VNode {
  return (
    <span class="faint" title={`The feed lists the status “${status}”.`}>
      no fix{status !== 'open' && ` (${status})`}
    </span>
  );
}
