import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { listOption, nameList, pathList } from './list-option.ts';

const digits = listOption((text) => (/^\d$/.test(text) ? Number(text) : undefined), 'a digit');

describe('an option that takes a list', () => {
  it('appends the items of a comma-separated list to the items of earlier occurrences', () => {
    expect(digits('2, 3', digits('1'))).toEqual([1, 2, 3]);
    expect(nameList('debian,ubuntu')).toEqual(['debian', 'ubuntu']);
  });

  it.each(['', '1,', '1,,2', 'x'])('rejects %j', (text) => {
    expect(() => digits(text)).toThrow(InvalidArgumentError);
  });

  it('names the invalid item and the valid values', () => {
    expect(() => digits('1,x')).toThrow('"x" must be a digit.');
  });

  it('takes a path with a comma as one path', () => {
    expect(pathList('b,c', pathList('a'))).toEqual(['a', 'b,c']);
  });
});
