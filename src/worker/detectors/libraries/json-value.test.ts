import { describe, expect, it } from 'vitest';
import { objectOf, readJson } from './json-value.ts';

const MIB = 1024 * 1024;

describe('a JSON file', () => {
  it.each<[what: string, text: string, value: unknown]>([
    ['an object', '{"a":[1,null]}', { a: [1, null] }],
    ['a text with a byte order mark', '\ufeff{"a":1}', { a: 1 }],
    ['a key that names the prototype', '{"__proto__":{"a":1}}', JSON.parse('{"__proto__":{"a":1}}')],
  ])('is read: %s', (_, text, value) => {
    expect(readJson(Buffer.from(text), MIB)).toEqual({ value });
  });

  it.each<[what: string, text: string | Buffer, problem: string]>([
    ['an empty file', '', 'is empty'],
    ['text that is not JSON', '{"a":', 'is not JSON'],
    ['NUL bytes', '{"a\0":1}', 'is not JSON'],
    ['unclosed nesting of 10^6', '['.repeat(1_000_000), 'has more than 500000 values'],
    ['a file beyond the limit', Buffer.alloc(MIB + 1, 0x20), `is larger than ${MIB} bytes`],
  ])('is not read: %s', (_, text, problem) => {
    expect(readJson(Buffer.from(text), MIB)).toEqual({ problem });
  });

  it('is not read with more than 500,000 values, which would take hundreds of MiB', () => {
    const values = (count: number): Buffer => Buffer.from(`[${'1,'.repeat(count - 2)}1]`);
    expect(readJson(values(500_001), 4 * MIB)).toEqual({ problem: 'has more than 500000 values' });
    expect(readJson(values(500_000), 4 * MIB)).toHaveProperty('value');
  });

  it('may be nested 200,000 deep', () => {
    const deep = `{"name":"a","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const reading = readJson(Buffer.from(deep), MIB);
    expect(objectOf('value' in reading ? reading.value : undefined)?.['name']).toBe('a');
  });
});

it.each([null, [], 'text', 1, undefined])('objectOf(%j) is undefined', (value) => {
  expect(objectOf(value)).toBeUndefined();
});
