import { expect, it } from 'vitest';
import type { UpdateProgress } from '../updater/update-progress.ts';
import { createProgressLine, type ProgressLine } from './progress-line.ts';

const READING: UpdateProgress = { phase: 'reading', bytes: 12_345_678, records: 90 };
const STORING: UpdateProgress = { phase: 'storing', bytes: 0, records: 7 };

let time = 0;

function lineOf(columns?: number): { line: ProgressLine; written: string[] } {
  const written: string[] = [];
  time = 0;
  const line = createProgressLine({ err: (text) => written.push(text), ...(columns && { columns }) }, () => time);
  return { line, written };
}

it('writes one line of a terminal again and again, no wider than it is', () => {
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

it('clears the line for what comes next, and forgets who is done', () => {
  const { line, written } = lineOf(60);
  time = 200;
  line.set('debian', STORING);
  line.done('debian');
  time = 400;
  line.set('alpine', STORING);
  expect(written).toEqual(['debian: storing, 7 records', '\r\u001b[K', 'alpine: storing, 7 records']);
});

it('writes a line every half a minute where there is no terminal', () => {
  const { line, written } = lineOf();
  for (time = 0; time <= 60_000; time += 1000) line.set('debian', STORING);
  line.done('debian');
  expect(written).toEqual(Array(2).fill('debian: storing, 7 records\n'));
});
