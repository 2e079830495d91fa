import { describe, expect, it } from 'vitest';
import { parseHeaderLines } from './header-lines.ts';

describe('header lines', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['', {}],
    ['X-Token: a', { 'x-token': 'a' }],
    ['X-Token:a\r\n\nAuthorization: Basic eDp5\n', { 'x-token': 'a', authorization: 'Basic eDp5' }],
    ['X-A: 1\nx-a: 2', { 'x-a': '1, 2' }],
    ['X-A:', { 'x-a': '' }],
  ])('%j are headers', (text, expected) => {
    expect(parseHeaderLines(text)).toEqual(expected);
  });

  it.each([
    'X-Token',
    ': a',
    'X Token: a',
    'X-Token: ä',
    'Host: other',
    'content-length: 1',
    'Transfer-Encoding: chunked',
    'X-A: 1\u0000',
    Array.from({ length: 33 }, (_, at) => `X-${at}: 1`).join('\n'),
    `X-A: ${'a'.repeat(8192)}`,
  ])('%j are refused', (text) => {
    expect(parseHeaderLines(text)).toBeUndefined();
  });
});
