import { expect, it } from 'vitest';
import { countOf } from './counted-noun.ts';

it.each<[readonly [number, string, string?], string]>([
  [[0, 'layer'], '0 layers'],
  [[1, 'layer'], '1 layer'],
  [[1439, 'finding'], '1,439 findings'],
  [[999, 'finding'], '999 findings'],
  [[1_234_567, 'finding'], '1,234,567 findings'],
  [[-1000, 'finding'], '-1,000 findings'],
  [[1234.5678, 'MB', 'MB'], '1,234.5678 MB'],
  [[1, 'entry', 'entries'], '1 entry'],
  [[2, 'entry', 'entries'], '2 entries'],
])('a counted noun %j is %s', (parts, text) => {
  expect(countOf(...parts)).toBe(text);
});
