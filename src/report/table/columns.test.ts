import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columnLines } from './columns.ts';

const rowsOf = (...rows: readonly (readonly string[])[]): { text: string }[][] =>
  rows.map((row) => row.map((text) => ({ text })));

describe('rows in columns', () => {
  it('are as wide as their widest cells, without trailing spaces', () => {
    expect(columnLines(rowsOf(['a', 'b'], ['longer', '日本'], ['x', '']), [], undefined)).toEqual([
      'a       b',
      'longer  日本',
      'x',
    ]);
  });

  it('wrap cells in a narrow terminal, first in the columns that may be narrow', () => {
    const rows = rowsOf(['CVE-2026-10000', 'a-very-long-name', '1.0']);
    expect(columnLines(rows, [1], 28)).toEqual([
      'CVE-2026-10000  a-very-  1.0',
      '                long-na',
      '                me',
    ]);
    expect(columnLines(rows, [1], 24)).toEqual(['CVE-2026-1  a-very-  1.0', '0000        long-na', '            me']);
  });

  it('wrap cells at spaces, so that names stay whole', () => {
    expect(columnLines(rowsOf(['libcurl4, curl, openssl', '1.0']), [0], 19)).toEqual([
      'libcurl4,       1.0',
      'curl, openssl',
    ]);
  });

  it.each([
    [1, 34],
    [20, 34],
    [40, 40],
    [80, 80],
  ])('lose no text in %d columns, and are at most %d wide', (available, most) => {
    const row = ['CVE-2026-10000', 'libpython3.9-minimal', '日本日本日本日本', '1:2.3-4+deb11u1'];
    const lines = columnLines(rowsOf(row), [1, 2, 3], available);
    const sorted = (text: string): string => Array.from(text.replaceAll(' ', '')).toSorted().join('');
    expect(sorted(lines.join(''))).toBe(sorted(row.join('')));
    expect(lines.filter((line) => stringWidth(line) > most)).toEqual([]);
  });

  it('colour each line of a cell, and nothing beside it', () => {
    const paint = (text: string): string => `<${text}>`;
    expect(columnLines([[{ text: 'abcdefghij', paint }, { text: 'x' }]], [0], 10)).toEqual(['<abcdefg>  x', '<hij>']);
  });
});
