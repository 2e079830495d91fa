import { printableJson } from '../../model/printable.ts';

/** Returns a value as indented JSON for standard output, with a newline at the end. */
export function jsonText(value: object): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}
