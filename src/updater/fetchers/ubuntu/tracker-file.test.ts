import { describe, expect, it } from 'vitest';
import { MAX_NOTE_LENGTH, readTrackerFile } from './tracker-file.ts';

describe('the line of a state', () => {
  it.each([
    ['bionic_foo: needed', { place: 'bionic', package: 'foo', state: 'needed', note: '' }],
    ['bionic_foo:needed', { place: 'bionic', package: 'foo', state: 'needed', note: '' }],
    ['bionic_foo : released ( 1.0 ) ', { place: 'bionic', package: 'foo', state: 'released', note: '( 1.0 )' }],
    [
      'esm-infra/xenial_foo: released (1:2.0)\r',
      { place: 'esm-infra/xenial', package: 'foo', state: 'released', note: '(1:2.0)' },
    ],
    ['bionic_foo_bar: DNE', { place: 'bionic', package: 'foo_bar', state: 'DNE', note: '' }],
    ['trusty_Android: DNE', { place: 'trusty', package: 'Android', state: 'DNE', note: '' }],
    ['upstream_foo:', { place: 'upstream', package: 'foo', state: '', note: '' }],
  ])('%j', (line, state) => expect(readTrackerFile(line)).toEqual({ fields: new Map(), states: [state], strays: [] }));

  it.each([
    '#bionic_foo: needed',
    ' bionic_foo: needed',
    '\tbionic_foo: needed',
    '',
    '\r',
    'Tags_foo: released',
    'Patches_foo: needed',
  ])('%j is ignored', (line) => expect(readTrackerFile(line)).toEqual({ fields: new Map(), states: [], strays: [] }));

  it('has a note of bounded length', () => {
    const [state] = readTrackerFile(`bionic_foo: ignored ${'('.repeat(10_000)}`).states;
    expect(state?.note).toHaveLength(MAX_NOTE_LENGTH);
  });

  it('without a place is a stray line', () => {
    expect(readTrackerFile('foo: needed\nBionic-foo: DNE\nfoo: words').strays).toEqual([
      'foo: needed',
      'Bionic-foo: DNE',
    ]);
  });
});

describe('a field', () => {
  it('continues in lines that start with a blank or a tab, across empty lines and comments', () => {
    const { fields } = readTrackerFile('Candidate: CVE-1\nDescription: a\n b\n\n\tc\n# no\n d\nBugs:\n e\n');
    expect(fields.get('Description')).toEqual(['a', 'b', 'c', 'd']);
    expect([...fields.keys()]).toEqual(['Candidate', 'Description']);
  });

  it('keeps the first occurrence of its name', () => {
    expect(readTrackerFile('Priority: low\nPriority: high\n more').fields.get('Priority')).toEqual(['low']);
  });

  it('with a known name as prefix is ignored', () => {
    expect(readTrackerFile('Priority-reason: x\nCandidates: y').fields.size).toBe(0);
  });
});
