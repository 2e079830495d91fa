import type { Report } from '../model/report.ts';
import type { Format } from './format.ts';
import { printableJson } from '../model/printable.ts';

/** The report as it is, for programs; several are an array. */
export const json: Format = {
  id: 'json',
  mediaType: 'application/json',
  render: write,
  renderAll: write,
};

function write(value: Report | readonly Report[]): string {
  return `${printableJson(JSON.stringify(value, null, 2))}\n`;
}
