import { describe, expect, it } from 'vitest';
import { layerHeaders } from './layer-headers.ts';

function many(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '']));
}

describe('forwarded headers', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['none', {}],
    ['credentials', { Authorization: 'Bearer abc', Cookie: 'a=b; c="d"', 'X-Api-Key': '~!@#$%^&*()' }],
    ['every character that a name can have', { "!#$%&'*+-.^_`|~09azAZ": '' }],
    ['blanks and tabs', { a: ' b\t' }],
    ['32 headers', many(32)],
    ['8 KiB', { a: 'x'.repeat(8 * 1024 - 1) }],
  ])('%s', (_, headers) => {
    expect(layerHeaders(headers)).toEqual(headers);
  });

  it('exclude connection headers', () => {
    const headers = { Connection: 'close, x-api-key', 'keep-alive': 'timeout=5', 'X-Api-Key': 'abc' };
    expect(layerHeaders(headers)).toEqual({ 'X-Api-Key': 'abc' });
  });
});

describe('rejected headers', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['33 headers', many(33), 'more than 32 headers are given for the layer'],
    ['more than 8 KiB', { a: 'x'.repeat(8 * 1024) }, 'the headers for the layer are larger than 8192 bytes'],
    ['no name', { '': 'secret' }, 'header 1 has no valid name: use, for example, letters, digits and hyphens'],
    [
      'a name with a line',
      { 'a\r\nb': 'secret' },
      'header 1 has no valid name: use, for example, letters, digits and hyphens',
    ],
    [
      'a name and value in one',
      { 'a: secret': '' },
      'header 1 has no valid name: use, for example, letters, digits and hyphens',
    ],
    ['another alphabet', { ä: 'secret' }, 'header 1 has no valid name: use, for example, letters, digits and hyphens'],
    ['a second line', { A: 'secret\r\nb: c' }, 'invalid value of the header a: use printable ASCII characters'],
    ['a zero byte', { A: 'secret\u0000' }, 'invalid value of the header a: use printable ASCII characters'],
    [
      'a character beyond ASCII',
      { A: 'secret\u00E4' },
      'invalid value of the header a: use printable ASCII characters',
    ],
    ['one name twice', { a: 'secret', A: 'secret' }, 'the header a is repeated'],
    ...['Host', 'Content-Length', 'transfer-encoding', 'UPGRADE', 'Proxy-Authorization', 'Range'].map(
      (name): [string, Readonly<Record<string, string>>, string] => [
        name,
        { [name]: 'secret' },
        `clients cannot set the header ${name.toLowerCase()}`,
      ],
    ),
  ])('%s', (_, headers, reason) => {
    const message = `invalid Headers: ${reason}`;
    expect(() => layerHeaders(headers)).toThrow(expect.objectContaining({ code: 'request/invalid', message }));
    expect(message).not.toContain('secret');
  });
});
