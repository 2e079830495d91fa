import { describe, expect, it } from 'vitest';
import { type PartialFetch, parsePartialFetch, partsScopeOf } from './parts-scope.ts';

describe('an item of partial fetches', () => {
  it.each<[string, PartialFetch | undefined]>([
    ['registry.example', { of: 'registry.example', scope: 'with-tar-split' }],
    ['localhost:5000=any', { of: 'localhost:5000', scope: 'any' }],
    ['[::1]:5000=any', { of: '[::1]:5000', scope: 'any' }],
    ['registry.example=all', undefined],
    ['registry.example/app', undefined],
    ['=any', undefined],
  ])('%s', (text, item) => {
    expect(parsePartialFetch(text)).toEqual(item);
  });
});

it('applies to registries that the list names, and any layer takes precedence', () => {
  const list: readonly PartialFetch[] = [
    { of: 'a', scope: 'with-tar-split' },
    { of: 'b', scope: 'with-tar-split' },
    { of: 'a', scope: 'any' },
  ];
  const scopes = ['a', 'b', 'c'].map((name) => partsScopeOf(list, (of) => of === name));
  expect(scopes).toEqual(['any', 'with-tar-split', undefined]);
});
