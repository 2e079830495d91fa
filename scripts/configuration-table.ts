import { stringify } from 'yaml';
import type { ConfigKey } from '../src/config/config-key.ts';
import { configKeys } from '../src/config/schema.ts';
import { markdownTable, type TableMarkers, withTable } from './markdown-table.ts';

const MARKERS: TableMarkers = {
  begin: '<!-- configuration: written by `npx tsx scripts/write-configuration.ts` -->',
  end: '<!-- end of configuration -->',
};

const EXAMPLE_HEAD = `# The configuration file of \`clair serve --config FILE\`: every key with its default, and none is needed.
# Written by \`npx tsx scripts/write-configuration.ts\`; docs/operating.md says more.
`;

/**
 * Puts the table of the configuration keys between its two markers in the text of docs/operating.md.
 *
 * @throws Error for a text without the markers.
 */
export function withConfigurationKeys(text: string): string {
  const rows = configKeys().map(({ path, value, fallbackText, meaning, isSecret }) => {
    return [`\`${path}\``, value.title, fallbackText, isSecret ? `${meaning}; secret` : meaning];
  });
  return withTable(text, MARKERS, markdownTable([['key', 'value', 'default', 'meaning'], ...rows]));
}

/** The text of config.example.yaml, which configures what holds without a file. */
export function exampleConfiguration(): string {
  const keys = configKeys();
  // A section in which nothing stands would be no map: all of it is a comment.
  const isEmpty = (section: string): boolean =>
    keys.every(({ maps, fallback }) => maps[0] !== section || fallback === undefined);
  let open: readonly string[] = [];
  let text = EXAMPLE_HEAD;
  for (const key of keys) {
    const kept = key.maps.findIndex((map, depth) => map !== open[depth]);
    if (kept === 0) text += '\n';
    for (const [depth, map] of key.maps.entries()) {
      if (kept >= 0 && depth >= kept) text += `${indented(depth)}${depth === 0 && isEmpty(map) ? '# ' : ''}${map}:\n`;
    }
    open = key.maps;
    text += isEmpty(key.maps[0] ?? '') ? exampleOf(key).replaceAll(/^ {2}# /gm, '#   ') : exampleOf(key);
  }
  return text;
}

/** A key whose default is no constant is only named. */
function exampleOf({ maps, name, value, meaning, fallback, fallbackText }: ConfigKey): string {
  const space = indented(maps.length);
  if (fallback === undefined) {
    return `${space}# ${meaning} (${value.title}; without it ${fallbackText})\n${space}# ${name}:\n`;
  }
  return `${space}# ${meaning} (${value.title})\n${space}${name}: ${stringify(fallback)}`;
}

function indented(depth: number): string {
  return '  '.repeat(depth);
}
