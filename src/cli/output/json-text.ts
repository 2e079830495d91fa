import { printableJson } from '../../model/printable.ts';

/** Returns a value as JSON for standard output, indented, with a newline at its end. */
export function jsonText(value: object): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}
