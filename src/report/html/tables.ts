import { isLibrary } from '../../model/package-kind.ts';
import type { Report } from '../../model/report/report.ts';
import { severityText } from '../../model/severity.ts';
import { FIXED_ONLY_WORDS, severityWords, suppressionWords, undecidedWords } from '../writing/finding-words.ts';
import { groupedBy } from '../writing/grouped.ts';
import { noteWords, ownerWords } from '../writing/library-words.ts';
import { type Markup, markup, type Rows, rowsOf } from '../writing/markup.ts';

/** Returns the table of layers, base first. @param id the ID of the image on the page */
export function layersTable({ layers, findings }: Report, id: string): Markup {
  const byLayer = groupedBy(findings, ({ layer }) => layer);
  const rows = rowsOf(layers, ({ index, digest, createdBy, origin, size, packagesAdded, packagesRemoved }) => {
    const found = severityWords(byLayer.get(index) ?? []);
    return markup`<tr id="${id}-layer-${index}"><th scope="row">${index}</th><td>${origin}</td><td><code dir="auto">${createdBy}</code><br><small><code>${digest}</code></small></td><td>${size === null ? 'unknown' : sizeWords(size)}</td><td>+${packagesAdded} −${packagesRemoved}</td><td>${found === '' ? 'none' : found}</td></tr>\n`;
  });
  return table('Layers', layers.length, ['Layer', 'From', 'Instruction', 'Size', 'Packages', 'Findings'], rows, true);
}

/** Returns the table of suppressed findings with their rules. */
export function suppressedTable({ suppressed }: Report): Markup {
  const rows = rowsOf(
    suppressed,
    ({ id, package: name, version, suppression, ...rating }) =>
      markup`<tr><td><bdi>${id}</bdi></td><td>${severityText(rating)}</td><td><bdi>${name}</bdi></td><td><bdi>${version}</bdi></td><td dir="auto">${suppressionWords(suppression)}</td></tr>\n`,
  );
  return table(
    'Suppressed',
    suppressed.length,
    ['Vulnerability', 'Severity', 'Package', 'Installed', 'Reason'],
    rows,
    true,
  );
}

/**
 * Returns the table of undetermined findings. If the image has many undetermined findings, the table lists only the
 * first entries.
 */
export function undecidedTable({ undecided }: Report): Markup {
  const rows = rowsOf(
    undecided.listed,
    (each) =>
      markup`<tr><td><bdi>${each.id}</bdi></td><td><bdi>${each.package}</bdi></td><td dir="auto">${undecidedWords(each)}</td></tr>\n`,
  );
  return table('Undetermined', undecided.count, ['Vulnerability', 'Package', 'Reason'], rows, false);
}

/** Returns the table of feeds that cover packages of the image, with the age of their data. */
export function dataTable({ feeds }: Report): Markup {
  const covering = feeds.filter(({ isUsed }) => isUsed);
  const rows = rowsOf(
    covering,
    ({ name, updatedAt, isStale, vulnerabilities, error, listsFixedOnly }) =>
      markup`<tr><th scope="row">${name}${listsFixedOnly ? ` (${FIXED_ONLY_WORDS})` : ''}</th><td>${updatedAt ?? 'never'}${isStale ? markup` <b>stale</b>` : ''}</td><td>${vulnerabilities}</td><td dir="auto">${error ?? ''}</td></tr>\n`,
  );
  return table('Feeds', covering.length, ['Feed', 'Updated', 'Entries', 'Last error'], rows, true);
}

/** Returns the table of notes. Notes are not findings. */
export function notesTable({ notes }: Report): Markup {
  const rows = rowsOf(
    notes,
    (note) =>
      markup`<tr><td><bdi>${note.id}</bdi></td><td><bdi>${note.package}</bdi></td><td dir="auto">${noteWords(note)}</td><td><bdi>${note.paths.join('\n')}</bdi></td></tr>\n`,
  );
  return table('Notes', notes.length, ['Advisory', 'Package', 'Note', 'Path'], rows, true);
}

/**
 * Returns the table of packages with the layers that add the packages. If the image contains libraries, the table also
 * has the types, paths and owners of the packages.
 */
export function packagesTable({ packages }: Report): Markup {
  const hasLibraries = packages.some(isLibrary);
  const rows = rowsOf(packages, (each) => {
    const { name, version, arch, source, paths, flags, candidates, owner, type, layer } = each;
    const library = [[type, ...flags].join(', '), paths.join('\n'), owner === null ? '' : ownerWords(owner)];
    return markup`<tr><td><bdi>${name}</bdi>${candidates.map((candidate) => markup`<br><small>perhaps <bdi>${candidate}</bdi></small>`)}</td><td><bdi>${version}</bdi></td><td>${arch}</td><td>${isLibrary(each) ? '' : markup`<bdi>${source.name}</bdi> <bdi>${source.version}</bdi>`}</td><td>${layer}</td>${hasLibraries ? library.map((text) => markup`<td><bdi>${text}</bdi></td>`) : ''}</tr>\n`;
  });
  const heads = ['Package', 'Version', 'Architecture', 'Source', 'Layer', ...(hasLibraries ? LIBRARY_HEADS : [])];
  return table('Packages', packages.length, heads, rows, false);
}

const LIBRARY_HEADS = ['Type', 'Paths', 'Owner'] as const;

function table(title: string, count: number, heads: readonly string[], rows: Rows, open: boolean): Markup {
  if (count === 0) return markup``;
  return markup`<details class="part"${open ? markup` open` : ''}><summary><h2>${title} (${count})</h2></summary>
<div class="wide" tabindex="0" role="region" aria-label="${title}">
<table>
<thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>
</details>
`;
}

function sizeWords(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
