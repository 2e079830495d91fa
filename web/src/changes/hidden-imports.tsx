import type { VNode } from 'preact';
import type { HiddenImport } from '../api-shapes.ts';
import { numberInWords } from '../words.ts';

/** The maximum number of feeds that the line names. */
const MAX_NAMED = 3;

/** Shows which first imports of feeds the list leaves out, and a link to the list with first imports. */
export function HiddenImports({
  imports,
  hasOtherFilter,
  address,
  whenShown,
}: {
  readonly imports: readonly HiddenImport[];
  /** Whether the list would show only some of the advisories of the imports. */
  readonly hasOtherFilter: boolean;
  readonly address: string;
  /** The line calls this function when the reader follows the link, which then disappears. */
  readonly whenShown: () => void;
}): VNode | null {
  if (imports.length === 0) return null;
  return (
    <p class="faint">
      {hasOtherFilter ? feedWords(imports) : importWords(imports)} hidden ·{' '}
      <a href={address} onClick={whenShown}>
        Show
      </a>
    </p>
  );
}

/** Returns the names of the feeds and the number of advisories. */
export function importWords(imports: readonly HiddenImport[]): string {
  const sum = imports.reduce((total, { changes }) => total + changes, 0);
  const more = imports.every(({ isWhole }) => isWhole) ? '' : 'more than ';
  const noun = sum === 1 ? 'advisory' : 'advisories';
  return `${feedWords(imports)} (${more}${numberInWords(sum)} ${noun})`;
}

function feedWords(imports: readonly HiddenImport[]): string {
  const names = imports.map(({ feed }) => feed);
  const of = names.length > MAX_NAMED ? `${names.length} feeds` : listOf(names);
  return `First import${names.length === 1 ? '' : 's'} of ${of}`;
}

function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
