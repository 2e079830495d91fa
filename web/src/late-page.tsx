import type { VNode } from 'preact';
import { useLoaded } from './loaded.ts';

/**
 * Shows a page whose code is loaded when the reader opens it, so that the code does not delay the first page. Each page
 * must have a separate `key`.
 */
export function LatePage<Code>({
  load,
  children,
}: {
  readonly load: () => Promise<Code>;
  readonly children: (code: Code) => VNode;
}): VNode {
  const [loaded, reload] = useLoaded(load, 'page');
  if (loaded.state === 'ready') return children(loaded.value);
  if (loaded.state === 'loading') {
    return (
      <p class="loading" role="status">
        Loading the page …
      </p>
    );
  }
  return (
    <div class="notice incomplete" role="alert">
      <p>
        <b>Could not load the page.</b> If the server was upgraded, reload the page in the browser.
      </p>
      <button type="button" onClick={reload}>
        Try again
      </button>
    </div>
  );
}
