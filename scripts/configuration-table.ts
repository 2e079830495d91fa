import { stringify } from 'yaml';
import { type ConfigKey, configKeys } from '../src/config/schema.ts';
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
  const rows = configKeys().map(({ path, value, fallbackText, meaning }) => {
    return [`\`${path}\``, value.title, fallbackText, meaning];
  });
  return withTable(text, MARKERS, markdownTable([['key', 'value', 'default', 'meaning'], ...rows]));
}

/** The text of config.example.yaml, which configures what holds without a file. */
export function exampleConfiguration(): string {
  const keys = configKeys();
  const sections = [...new Set(keys.map(({ section }) => section))];
  const texts = sections.map((name) => {
    const own = keys.filter(({ section }) => section === name);
    return `${name}:\n${own.map(exampleOf).join('')}`;
  });
  return [EXAMPLE_HEAD, ...texts].join('\n');
}

/** A key whose default is no constant is only named. */
function exampleOf({ name, value, meaning, fallback, fallbackText }: ConfigKey): string {
  if (fallback === undefined) return `  # ${meaning} (${value.title}; without it ${fallbackText})\n  # ${name}:\n`;
  return `  # ${meaning} (${value.title})\n  ${name}: ${stringify(fallback)}`;
}
