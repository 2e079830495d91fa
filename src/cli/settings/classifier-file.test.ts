import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ClairError } from '../../errors.ts';
import { elfFile } from '../../worker/detectors/libraries/executables/testing/elf-file.ts';
import { classifiersWith } from '../../worker/detectors/libraries/programs/classifiers.ts';
import { classifiedPrograms } from '../../worker/detectors/libraries/programs/detector.ts';
import {
  MAX_CLASSIFIER_BYTES,
  MAX_CLASSIFIERS,
  MAX_PATTERNS,
  parseClassifiers,
  readClassifiers,
} from './classifier-file.ts';

const EXAMPLE = 'classifiers.example.yaml';

/** Returns the faults in the error for a file. */
function faultsOf(text: string): readonly string[] {
  try {
    parseClassifiers(text, 'own.yaml');
  } catch (error) {
    if (!(error instanceof ClairError) || error.code !== 'classifiers/invalid') throw error;
    const [first, ...faults] = error.message.split('\n  ');
    return first === 'own.yaml is not a valid classifier file:' ? faults : [error.message];
  }
  return [];
}

describe('a classifier file', () => {
  it('recognises the programs of the example', async () => {
    const own = await readClassifiers(EXAMPLE);
    const detector = classifiedPrograms(classifiersWith(own), own);
    const found = (path: string, text: string) => {
      const content = Buffer.from(`\0${text}\0`, 'latin1');
      const program = elfFile([{ name: '.rodata', content, isCode: true }]);
      return (detector.read(path, program).features ?? []).map(({ feature }) => feature);
    };
    const acme = { type: 'generic', name: 'acme-server', version: '2.4.1', matchedAs: 'acme-server' };
    expect(found('usr/bin/acme-server', 'Acme Server 2.4.1')).toEqual([acme]);
    expect(found('opt/acme/2/bin/server', 'x/build/acme-2.4.1/src/main.c')).toEqual([acme]);
    expect(found('opt/other/bin/server', 'Acme Server 2.4.1')).toEqual([]);
    expect(found('usr/bin/node', 'node.js/v22.14.0')).toHaveLength(1);
  });

  it('may be empty', () => {
    expect(parseClassifiers('# none\n', 'own.yaml')).toEqual([]);
  });

  it('accepts a single item instead of a list', () => {
    const text = "- {name: a, files: a, formats: pe, expressions: 'text {version}'}";
    expect(parseClassifiers(text, 'own.yaml')).toEqual([
      { name: 'a', files: ['a'], formats: ['pe'], expressions: ['text {version}'] },
    ]);
  });

  const entry = (more: string): string => `- name: a\n  files: [a]\n  expressions: ['text {version}']\n  ${more}`;
  const many = (count: number, text: string): string => Array.from({ length: count }, () => text).join('');

  it.each<[what: string, text: string, faults: readonly string[]]>([
    ['no YAML', '- {', ['line 1: Flow map in block collection must be sufficiently indented and end with a }']],
    ['a map', 'name: a', ['line 1: the file must be a list of classifiers, each starting with a dash']],
    [
      'a text as an entry',
      '- a',
      ['line 1: a classifier must be a map with the keys name, files, formats, expressions, advisories'],
    ],
    [
      'an empty entry',
      '- {}',
      [
        'line 1: a classifier must have the key name',
        'line 1: a classifier must have the key files',
        'line 1: a classifier must have the key expressions',
      ],
    ],
    ['an unknown key', entry('file: b'), ['line 4: unknown key file; did you mean files?']],
    ['a regular expression', entry('regex: (a+)+'), ['line 4: unknown key regex']],
    ['an unknown format', entry('formats: [elf, exe]'), ['line 4: formats: "exe" is not one of elf, pe, mach-o']],
    [
      'an invalid name',
      "- name: 'a b'\n  files: [a]\n  expressions: ['text {version}']",
      ['line 1: name must be 1 to 128 letters, digits and . _ + - /, starting with a letter or digit'],
    ],
    [
      'invalid expressions',
      "- name: a\n  files: [a]\n  expressions:\n    - 'text'\n    - 'a{version}'\n    - 7",
      [
        'line 4: expressions: "text" needs exactly one of {version}, {semver} or {release}.{patch}',
        'line 5: expressions: "a{version}" needs at least 4 plain characters in a row',
        'line 6: expressions: 7 is not text',
      ],
    ],
    [
      'invalid file patterns',
      "- name: a\n  expressions: ['text {version}']\n  files: ['*', '', '*********a']",
      [
        'line 3: files: "*" matches every file',
        'line 3: files: "" needs 1 to 256 characters',
        'line 3: files: "*********a" has more than 8 wildcards',
      ],
    ],
    [
      'unknown advisories',
      entry('advisories: {namespace: nvd, package: a}'),
      ['line 4: namespace must be one of bitnami'],
    ],
    [
      'advisories without a package',
      entry('advisories: {namespace: bitnami}'),
      ['line 4: package must be 1 to 128 letters, digits and . _ + - /, starting with a letter or digit'],
    ],
    [
      'too many patterns',
      `- name: a\n  expressions: ['text {version}']\n  files: [${many(MAX_PATTERNS + 1, 'a,')}]`,
      [`line 3: files must have 1 to ${MAX_PATTERNS} items`],
    ],
    [
      'too many classifiers',
      many(MAX_CLASSIFIERS + 1, "- {name: a, files: a, expressions: 'text {version}'}\n"),
      [`line ${MAX_CLASSIFIERS + 1}: the file has more than ${MAX_CLASSIFIERS} classifiers`],
    ],
  ])('is refused with %s', (_, text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  it('lists 20 faults and counts the others', () => {
    const faults = faultsOf(many(25, '- a\n'));
    expect([faults.length, faults.at(-1)]).toEqual([21, 'and 5 more']);
  });

  it.each([
    ['does not exist', '/nowhere/own.yaml', /^\/nowhere\/own.yaml is not readable: ENOENT/],
    ['is endless', '/dev/zero', `/dev/zero is larger than ${MAX_CLASSIFIER_BYTES} bytes`],
  ])('is refused if it %s', async (_, path, message) => {
    await expect(readClassifiers(path)).rejects.toThrow(message);
  });

  it('replaces the Clair classifiers with the same name', () => {
    const own = parseClassifiers(readFileSync(EXAMPLE, 'utf8').replaceAll('acme-server', 'nginx'), 'own.yaml');
    expect(classifiersWith(own).filter(({ name }) => name === 'nginx')).toEqual(own);
  });
});
