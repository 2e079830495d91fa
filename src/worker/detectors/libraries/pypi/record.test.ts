import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecord } from './record.ts';

const read = (text: string): readonly string[] | undefined => readRecord(Buffer.from(text));

describe('the files in RECORD that may be programs', () => {
  it.each<[what: string, text: string, expected: readonly string[] | undefined]>([
    [
      'are those without a suffix of texts and data',
      '../../../bin/ruff,sha256=x,123\nruff/__init__.py,sha256=x,1\nruff/__pycache__/a.cpython-312.pyc,,\nruff/py.typed,,\n',
      ['../../../bin/ruff'],
    ],
    ['may be libraries', 'numpy.libs/libopenblas64_p-r0.so,sha256=x,1\r\n', ['numpy.libs/libopenblas64_p-r0.so']],
    ['are not the metadata', 'a-1.dist-info/RECORD,,\na-1.dist-info/METADATA,sha256=x,2\n', []],
    ['may have a comma or a quotation mark', '"bin/a,""b""",sha256=x,1\nbin/c,,', ['bin/a,"b"', 'bin/c']],
    ['are unknown in an empty file', '\n\n', undefined],
    ['are unknown in another file', 'no record', undefined],
    ['are unknown if they are too many', 'bin/x,,\n'.repeat(5001), undefined],
    ['are unknown if their names are too long', `${'x'.repeat(300_000)},,\n`, undefined],
    ['skip a path above the limit of Linux', `"${'x'.repeat(5000)}",,\nbin/a,,\n`, ['bin/a']],
    ['skip a plain path above the limit of Linux', `${'x'.repeat(5000)},,\nbin/a,,\n`, ['bin/a']],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it('are the paths that a CSV writer wrote', () => {
    const path = fc.string({ unit: fc.constantFrom('a', '/', '"', ',', ' ', '.', 'é'), minLength: 1 });
    const written = (each: string): string => (/[",]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each);
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 20 }), (paths) => {
        expect(read(paths.map((each) => `${written(each)},sha256=x,1\n`).join(''))).toEqual(paths);
      }),
    );
  });
});
