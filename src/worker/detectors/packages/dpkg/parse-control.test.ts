import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseControl } from './parse-control.ts';

type Read = { readonly line: number; readonly fields: Readonly<Record<string, string>>; readonly damage?: string };

function read(text: string): readonly Read[] {
  return [...parseControl(text)].map(({ line, fields, damage }) => ({
    line,
    fields: Object.fromEntries(fields),
    ...(damage === undefined ? {} : { damage }),
  }));
}

const A = { package: 'a', version: '1' };
const B = { package: 'b', version: '2' };

describe('a control file', () => {
  it.each<[string, string, readonly Read[]]>([
    ['one stanza', 'Package: a\nVersion: 1\n', [{ line: 1, fields: A }]],
    ['no end of the last line', 'Package: a\nVersion: 1', [{ line: 1, fields: A }]],
    [
      'CRLF',
      'Package: a\r\nVersion: 1\r\n\r\nPackage: b\r\nVersion: 2\r\n',
      [
        { line: 1, fields: A },
        { line: 4, fields: B },
      ],
    ],
    ['CRLF without a last line feed', 'Package: a\r\nVersion: 1\r', [{ line: 1, fields: A }]],
    [
      'several blank lines between',
      'Package: a\nVersion: 1\n\n\n\nPackage: b\nVersion: 2\n',
      [
        { line: 1, fields: A },
        { line: 6, fields: B },
      ],
    ],
    ['blank lines around', '\n\nPackage: a\nVersion: 1\n\n\n', [{ line: 3, fields: A }]],
    ['no blank after the colon', 'Package:a\nVersion:1\n', [{ line: 1, fields: A }]],
    ['many blanks after the colon', 'Package: \t a \nVersion:   1\t\n', [{ line: 1, fields: A }]],
    ['blanks before the colon', 'Package : a\nVersion\t: 1\n', [{ line: 1, fields: A }]],
    ['names of fields in any case', 'PACKAGE: a\nversion: 1\n', [{ line: 1, fields: A }]],
    [
      'continuation by a blank',
      'Package: a\nDescription: x\n more\n .\n Version: 9\nVersion: 1\n',
      [{ line: 1, fields: { ...A, description: 'x' } }],
    ],
    [
      'continuation by a tab',
      'Package: a\nConffiles:\n\t/etc/a 0\n\t/etc/b 1\nVersion: 1\n',
      [{ line: 1, fields: { ...A, conffiles: '' } }],
    ],
    ['a line of blanks, which continues', 'Package: a\n \t \nVersion: 1\n', [{ line: 1, fields: A }]],
    [
      'a colon in the value',
      'Package: a\nHomepage: https://a.test/\nVersion: 1\n',
      [{ line: 1, fields: { ...A, homepage: 'https://a.test/' } }],
    ],
    ['an empty value', 'Package: a\nVersion:\n', [{ line: 1, fields: { package: 'a', version: '' } }]],
    ['comments', '# by hand\n\n# really\nPackage: a\n# Version: 2\nVersion: 1\n', [{ line: 4, fields: A }]],
    [
      'fields that are named like parts of an object',
      'Package: a\nConstructor: x\n',
      [{ line: 1, fields: { package: 'a', constructor: 'x' } }],
    ],
    ['no stanza', '', []],
    ['only blank lines', '\n\r\n\n', []],
  ])('%s', (_, text, stanzas) => {
    expect(read(text)).toEqual(stanzas);
  });

  it('accepts a field of any length', () => {
    const long = 'x'.repeat(5_000_000);
    const [stanza, ...others] = read(`Package: a\nDepends: ${long}\nDescription: x\n ${long}\nVersion: 1`);
    expect(others).toEqual([]);
    expect(stanza?.fields).toEqual({ ...A, depends: long, description: 'x' });
  });
});

describe('damage affects one stanza only', () => {
  it.each<[string, string, string]>([
    ['a line without a colon', 'Package: a\nrubbish\nVersion: 1', 'line 2 is neither a field nor a continuation line'],
    ['a colon without a name', 'Package: a\n: x', 'line 2 is neither a field nor a continuation line'],
    ['a name with a blank inside', 'Package: a\nTwo Words: x', 'line 2 is neither a field nor a continuation line'],
    ['a name that starts with a hyphen', 'Package: a\n-X: x', 'line 2 is neither a field nor a continuation line'],
    ['a name with letters beyond ASCII', 'Package: a\nGröße: x', 'line 2 is neither a field nor a continuation line'],
    ['a name with a control character', 'Package: a\nX\u0007: x', 'line 2 is neither a field nor a continuation line'],
    ['a continuation of nothing', ' more\nPackage: a', 'line 1 continues a field, but no field precedes it'],
    ['a field that comes twice', 'Package: a\nVersion: 1\nversion: 2', 'line 3 repeats a field'],
    ['two stanzas with blanks on the line between', 'Package: a\nVersion: 1\n \nPackage: x', 'line 4 repeats a field'],
    [
      'several faults, of which the first is reported',
      'Package: a\nrubbish\nPackage: a',
      'line 2 is neither a field nor a continuation line',
    ],
  ])('%s', (_, broken, damage) => {
    const stanzas = read(`${broken}\n\nPackage: b\nVersion: 2\n`);
    expect(stanzas.map((stanza) => stanza.damage)).toEqual([damage, undefined]);
    expect(stanzas[1]?.fields).toEqual(B);
  });
});

describe('properties', () => {
  it('never fails and numbers lines upwards', () => {
    const junk = fc.string({ unit: fc.constantFrom('a', ':', ' ', '\t', '\n', '\r', '#', '-', '\u0000', 'é') });
    fc.assert(
      fc.property(junk, (text) => {
        const starts = read(text).map(({ line }) => line);
        expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
        expect(starts.every((line) => line >= 1 && line <= text.split('\n').length)).toBe(true);
      }),
    );
  });

  it('returns the stanzas of the parts', () => {
    const line = fc.constantFrom('Package: a', 'Version: 1', ' more', 'rubbish', '# no', 'B:');
    const part = fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const alone = parts.flatMap((text) => read(text).map(({ fields }) => fields));
        expect(read(parts.join('\n\n')).map(({ fields }) => fields)).toEqual(alone);
      }),
    );
  });
});
