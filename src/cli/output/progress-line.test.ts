import { expect, it } from 'vitest';
import { createProgressLine, type ProgressLine } from './progress-line.ts';

const READING = 'reading, 12.3 MB, 90 records';
const STORING = 'storing, 7 records';

let time = 0;

function lineOf(columns?: number): { line: ProgressLine; written: string[] } {
  const written: string[] = [];
  time = 0;
  const line = createProgressLine({ err: (text) => written.push(text), ...(columns && { columns }) }, () => time);
  return { line, written };
}

it('rewrites one line on a terminal, no wider than the terminal', () => {
  const { line, written } = lineOf(60);
  line.set('debian', READING);
  expect(written).toEqual([]);
  time = 200;
  line.set('debian', READING);
  time = 400;
  line.set('alpine', STORING);
  expect(written).toEqual([
    'debian: reading, 12.3 MB, 90 records',
    '\r\u001b[K',
    'debian: reading, 12.3 MB, 90 records | alpine: storing, 7 r',
  ]);
});

it('clears the line for other output, and drops finished work', () => {
  const { line, written } = lineOf(60);
  time = 200;
  line.set('debian', STORING);
  line.done('debian');
  time = 400;
  line.set('alpine', STORING);
  expect(written).toEqual(['debian: storing, 7 records', '\r\u001b[K', 'alpine: storing, 7 records']);
});

it('writes a new line every 30 seconds outside a terminal', () => {
  const { line, written } = lineOf();
  for (time = 0; time <= 60_000; time += 1000) line.set('debian', STORING);
  line.done('debian');
  expect(written).toEqual(Array(2).fill('debian: storing, 7 records\n'));
});

it('clears all rows of a line after the terminal becomes narrower', () => {
  const written: string[] = [];
  const terminal = { err: (text: string): void => void written.push(text), columns: 60 };
  time = 0;
  const line = createProgressLine(terminal, () => time);
  time = 200;
  line.set('debian', 'x'.repeat(60));
  terminal.columns = 25;
  time = 400;
  line.set('debian', 'x'.repeat(60));
  const clear = '\r\u001b[K';
  expect(written[1]).toBe(`${clear}\u001b[A${clear}\u001b[A${clear}`);
  expect(written[2]).toHaveLength(24);
});
