import type { VNode } from 'preact';
import { numberInWords } from '../words.ts';
import { isLibrary } from '../../../src/model/package-kind.ts';

/** Shows the type and the paths of a library, or nothing for a package of the distribution. */
export function LibraryPlace({
  of,
}: {
  readonly of: { readonly type: string; readonly paths: readonly string[] };
}): VNode | null {
  if (!isLibrary(of)) return null;
  return (
    <div class="place">
      {of.type} <PathList paths={of.paths} />
    </div>
  );
}

/** Shows the first path of a package in the image, and the other paths, if any, when the reader opens them. */
export function PathList({ paths: [first, ...others] }: { readonly paths: readonly string[] }): VNode | null {
  if (first === undefined) return null;
  if (others.length === 0) return <PathWord path={first} />;
  return (
    <details class="paths">
      <summary>
        <PathWord path={first} /> <span class="faint">and {numberInWords(others.length)} more</span>
      </summary>
      <ul>
        {others.slice(0, MAX_LISTED).map((path) => (
          <li key={path}>
            <PathWord path={path} />
          </li>
        ))}
      </ul>
      {others.length > MAX_LISTED && (
        <p class="faint">The JSON report lists {numberInWords(others.length - MAX_LISTED)} more paths.</p>
      )}
    </details>
  );
}

/**
 * The maximum number of paths that are shown. Some packages have thousands of paths, which would slow down the browser.
 */
const MAX_LISTED = 500;

function PathWord({ path }: { readonly path: string }): VNode {
  return (
    <code>
      <bdi>{path}</bdi>
    </code>
  );
}
