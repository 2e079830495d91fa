import { type LineFault, readYaml } from '../config/yaml-file.ts';
import { ClairError } from '../errors.ts';
import { printable } from '../model/printable.ts';
import { readIgnoreEntry, type Tell } from './ignore-entry.ts';
import type { SuppressionRule } from './suppression-rule.ts';

/** The maximum number of entries in a file. */
export const MAX_ENTRIES = 10_000;

/**
 * Reads an ignore file, which is a YAML list of the entries that docs/reference/report.md describes. A file with only
 * comments has no entries.
 *
 * @param file the name of the file in messages and reports
 * @throws ClairError `suppression/invalid`, whose message lists up to 20 faults, each on a separate line, in the order
 * of the file
 */
export function parseIgnoreFile(text: string, file: string): readonly SuppressionRule[] {
  const yaml = readYaml(text);
  if (yaml.kind === 'unreadable') throw invalid(file, yaml.diagnostics);
  const diagnostics: LineFault[] = [];
  const tell: Tell = (at, what) => diagnostics.push({ line: yaml.lineOf(at), what });
  const entries = entriesOf(yaml.value, tell);
  const rules = entries.flatMap((entry, index) => {
    const rule = readIgnoreEntry(entry, [index], file, yaml.lineOf([index]), tell);
    return rule === undefined ? [] : [rule];
  });
  if (diagnostics.length > 0) throw invalid(file, diagnostics);
  return rules;
}

/** The maximum number of faults that the error message lists; further faults are only counted. */
const MAX_DIAGNOSTICS = 20;

function invalid(file: string, diagnostics: readonly LineFault[]): ClairError {
  const told = diagnostics
    .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))
    .slice(0, MAX_DIAGNOSTICS)
    .map(({ line, what }) => (line === undefined ? `\n  ${printable(what)}` : `\n  line ${line}: ${printable(what)}`));
  const more = diagnostics.length > MAX_DIAGNOSTICS ? `\n  and ${diagnostics.length - MAX_DIAGNOSTICS} more` : '';
  return new ClairError('suppression/invalid', `${file} is not a valid ignore file:${told.join('')}${more}`);
}

function entriesOf(value: unknown, tell: Tell): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) tell([], 'the file must be a list of entries, each starting with a dash');
  else if (value.length > MAX_ENTRIES) tell([MAX_ENTRIES], `the file has more than ${MAX_ENTRIES} entries`);
  else return value;
  return [];
}
