import { describe, expect, it } from 'vitest';
import { type FileResults, filesToRepeat, type TestResults, testSummary } from './results.ts';

const failure = { name: 'a scan > ends', text: 'AssertionError: expected 1 to be 2' };

function file(path: string, passed: number, ...failures: FileResults['failures']): FileResults {
  return { path, passed, failures };
}

function results(...files: FileResults[]): TestResults {
  return { files, unhandled: [] };
}

describe('CI runs again', () => {
  it.each([
    ['the failed files', results(file('a', 1), file('b', 0, failure)), ['b']],
    ['nothing after success', results(file('a', 1)), []],
    ['nothing if many files failed', results(...['a', 'b', 'c', 'd'].map((path) => file(path, 0, failure))), []],
    ['nothing after an error that belongs to no file', { files: [file('b', 0, failure)], unhandled: ['late'] }, []],
  ])('%s', (_, first, files) => {
    expect(filesToRepeat(first)).toEqual(files);
  });
});

describe('the summary of CI', () => {
  const first = results(file('a', 3), file('b', 1, failure));

  it('counts the tests', () => {
    expect(testSummary(results(file('a', 3), file('b', 2)))).toEqual({
      lines: ['5 passed, 0 failed'],
      hasPassed: true,
    });
  });

  it('has the failures', () => {
    expect(testSummary(first)).toEqual({
      lines: ['FAILED: a scan > ends\n  AssertionError: expected 1 to be 2', '4 passed, 1 failed'],
      hasPassed: false,
    });
  });

  it('names a test that passed only when it was repeated', () => {
    expect(testSummary(first, results(file('b', 2)))).toEqual({
      lines: ['FAILED AT FIRST: a scan > ends\n  AssertionError: expected 1 to be 2', '5 passed, 0 failed'],
      hasPassed: true,
    });
  });

  it('has the failures of both runs', () => {
    const { lines, hasPassed } = testSummary(first, results(file('b', 1, { name: 'a scan > starts', text: 'Error' })));
    expect(lines.map((line) => line.split('\n')[0])).toEqual([
      'FAILED AT FIRST: a scan > ends',
      'FAILED: a scan > starts',
      '4 passed, 1 failed',
    ]);
    expect(hasPassed).toBe(false);
  });

  it.each([
    ['that belong to no file', { files: [file('a', 3)], unhandled: ['late'] }, undefined, '3 passed, 1 failed'],
    ['of the repetition', first, { files: [file('b', 2)], unhandled: ['late'] }, '5 passed, 1 failed'],
    ['of a repetition that did not end', first, { files: [], unhandled: ['did not end'] }, '4 passed, 2 failed'],
    ['of a run without tests', results(), undefined, '0 passed, 1 failed'],
  ])('counts errors %s', (_, one, two, counts) => {
    const { lines, hasPassed } = testSummary(one, two);
    expect([lines.at(-1), hasPassed]).toEqual([counts, false]);
  });
});
