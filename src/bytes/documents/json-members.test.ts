import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../../test/fixtures/any-text.ts';
import { ClairError } from '../../errors.ts';
import { type JsonMember, jsonMembers } from './json-members.ts';

const BYTE_ORDER_MARK = '\ufeff';

describe('members of a JSON object', () => {
  it.each([
    ['an empty object', '{}', []],
    [
      'white space everywhere',
      ' \t\r\n{ "a" :\n1 ,\t"b" : 2 } \n',
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [
      'every kind of value',
      '{"a":null,"b":true,"c":-1.5e3,"d":"x","e":[1,[]],"f":{"g":{}}}',
      [
        ['a', null],
        ['b', true],
        ['c', -1500],
        ['d', 'x'],
        ['e', [1, []]],
        ['f', { g: {} }],
      ],
    ],
    [
      'brackets and quotes inside strings',
      String.raw`{"}\"{":"]\\","b":["\\\"}",{"[\\":"{"}]}`,
      [
        ['}"{', ']\\'],
        ['b', ['\\"}', { '[\\': '{' }]],
      ],
    ],
    ['escapes in a key', String.raw`{"\u00e9\n":1}`, [['é\n', 1]]],
    [
      'characters of several bytes',
      '{"é":"€","𝄞":["𝄞"]}',
      [
        ['é', '€'],
        ['𝄞', ['𝄞']],
      ],
    ],
    ['an empty key', '{"":0}', [['', 0]]],
    [
      'a repeated key',
      '{"a":1,"a":2}',
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
    [
      'a key named like an inherited member',
      '{"__proto__":1,"constructor":2}',
      [
        ['__proto__', 1],
        ['constructor', 2],
      ],
    ],
    ['a byte order mark', `${BYTE_ORDER_MARK}{"a":1}`, [['a', 1]]],
  ])('%s', async (_, text, expected) => {
    for (const size of [1, 2, 3, 1000]) {
      expect(await read(chunksOf(bytesOf(text), size))).toEqual(expected.map(([key, value]) => ({ key, value })));
    }
  });

  it('equal the result of JSON.parse, however the bytes are split', async () => {
    await fc.assert(
      fc.asyncProperty(anyObjectText(), fc.array(fc.nat()), async (text, cuts) => {
        const members = await read(cutAt(bytesOf(text), cuts));
        expect(objectOf(members)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('are returned before the rest is read', async () => {
    const first = await jsonMembers(failingAfter('{"a":1,'), { where: 'feed' }).next();
    expect(first.value).toEqual({ key: 'a', value: 1 });
  });

  it('close the stream when the iteration ends early', async () => {
    const stream = failingAfter('{"a":1,');
    for await (const member of jsonMembers(stream, { where: 'feed' })) {
      expect(member.key).toBe('a');
      break;
    }
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('need the memory of the largest member, not of the whole object', async () => {
    const member = bytesOf(`,"a":"${'x'.repeat(900)}"`);
    async function* feed(): AsyncGenerator<Uint8Array> {
      yield bytesOf('{"first":0');
      for (let count = 0; count < 1000; count += 1) yield member;
      yield bytesOf('}');
    }
    expect(await read(feed(), { maxMemberBytes: 1000 })).toHaveLength(1001);
  });
});

describe('a malformed text is rejected', () => {
  it.each([
    ['an empty text', '', 'feed/empty', 'empty'],
    ['white space', ' \n\t\r\n', 'feed/empty', 'empty'],
    ['only a byte order mark', BYTE_ORDER_MARK, 'feed/empty', 'empty'],
    ['an HTML page', '\n<!DOCTYPE html><html>', 'feed/invalid', 'byte 1: the text looks like an HTML'],
    ['an array', '[{"a":1}]', 'feed/invalid', 'byte 0'],
    ['a string', '"a"', 'feed/invalid', 'byte 0'],
    ['plain text', 'Not Found', 'feed/invalid', 'byte 0'],
    ['a key without quotes', '{a:1}', 'feed/invalid', 'byte 1'],
    ['a malformed key', String.raw`{"\x":1}`, 'feed/invalid', 'byte 1'],
    ['a missing colon', '{"a" 1}', 'feed/invalid', 'byte 5'],
    ['a missing value', '{"a":}', 'feed/invalid', 'byte 5'],
    ['a malformed value', '{"a":1,"b":[1,,2]}', 'feed/invalid', 'byte 11'],
    ['a value with mismatched brackets', '{"a":[}}', 'feed/invalid', 'byte 5'],
    ['a malformed literal', '{"a":nul}', 'feed/invalid', 'byte 5'],
    ['a control character in a string', '{"a":"\n"}', 'feed/invalid', 'byte 5'],
    ['a missing comma', '{"a":1 "b":2}', 'feed/invalid', 'byte 7'],
    ['a comma before the end', '{"a":1,}', 'feed/invalid', 'byte 7'],
    ['a comma before the first member', '{,"a":1}', 'feed/invalid', 'byte 1'],
    ['a second object', '{"a":1}{"b":2}', 'feed/invalid', 'byte 7'],
    ['the wrong bracket at the end', '{"a":1]', 'feed/invalid', 'byte 6'],
    ['a truncated key', '{"a":1,"b', 'feed/truncated', '9 bytes'],
    ['a truncated escape', '{"a":"\\', 'feed/truncated', '7 bytes'],
    ['a truncated number', '{"a":1', 'feed/truncated', '6 bytes'],
    ['truncation after a comma', '{"a":1,', 'feed/truncated', '7 bytes'],
  ])('%s', async (_, text, code, message) => {
    for (const size of [1, 2, 1000]) {
      const reading = read(chunksOf(bytesOf(text), size));
      await expect(reading).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    }
  });

  it.each([
    ['in a value', [0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d], 'byte 1'],
    ['in a key', [0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d], 'byte 5'],
  ])('bytes that are not UTF-8 %s', async (_, bytes, message) => {
    const reading = read([Uint8Array.of(0x7b, ...bytes)]);
    await expect(reading).rejects.toMatchObject({ code: 'feed/invalid', message: expect.stringContaining(message) });
  });

  it.each([
    ['the start of a byte order mark before the object', [0xef, 0x7b, 0x7d]],
    ['another encoding', [0xff, 0xfe, 0x7b, 0x00]],
  ])('%s', async (_, bytes) => {
    await expect(read([Uint8Array.from(bytes)])).rejects.toMatchObject({ code: 'feed/invalid' });
  });

  it('errors name the text and the member', async () => {
    const reading = read([bytesOf('{"openssl":[1 2]}')]);
    await expect(reading).rejects.toThrow(/^feed\.json .*"openssl"/);
  });

  it('every prefix of an object is reported as truncated', async () => {
    await fc.assert(
      fc.asyncProperty(anyObjectText(), fc.nat(), fc.array(fc.nat()), async (text, end, cuts) => {
        const whole = bytesOf(text.trim());
        const beginning = whole.subarray(0, 1 + (end % (whole.length - 1)));
        await expect(read(cutAt(beginning, cuts))).rejects.toMatchObject({ code: 'feed/truncated' });
      }),
    );
  });

  it('arbitrary bytes return members or an error of the feed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.array(fc.nat()), async (junk, cuts) => {
        const outcome = await outcomeOf(cutAt(Buffer.concat([bytesOf('{"a":'), junk]), cuts));
        expect(outcome).toMatch(/^(members|feed\/(invalid|truncated))$/);
      }),
    );
  });
});

describe('limits', () => {
  it.each([
    ['a value', `{"a":"${'x'.repeat(200)}"}`],
    ['a key', `{"${'x'.repeat(200)}":1}`],
    ['white space before a value', `{"a":${' '.repeat(200)}1}`],
    ['an unterminated value', `{"a":[${'1,'.repeat(200)}`],
  ])('%s above the member size', async (_, text) => {
    for (const size of [1, 7, 1000]) {
      const reading = read(chunksOf(bytesOf(text), size), { maxMemberBytes: 100 });
      await expect(reading).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
    }
  });

  it('a member of exactly the limit passes', async () => {
    const member = '"a":[1,2]';
    expect(await read([bytesOf(`{${member}}`)], { maxMemberBytes: member.length })).toHaveLength(1);
    const reading = read([bytesOf(`{${member}}`)], { maxMemberBytes: member.length - 1 });
    await expect(reading).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
  });

  it('a value nested more deeply than the limit', async () => {
    expect(await read([nested(5)], { maxDepth: 5 })).toHaveLength(1);
    await expect(read([nested(6)], { maxDepth: 5 })).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
  });
});

describe('items of a member', () => {
  const text = `{"n":2,"items":[ {"a":[1]} , "]", 3,null,[4] ],"other":[5],"items":{"b":[6]},"items":[]}`;
  const members = [
    ['n', 2],
    ['items', { a: [1] }],
    ['items', ']'],
    ['items', 3],
    ['items', null],
    ['items', [4]],
    ['other', [5]],
    ['items', { b: [6] }],
  ];

  it('are returned one by one if the member is an array, however the bytes are split', async () => {
    for (const size of [1, 2, 3, 1000]) {
      const given = await read(chunksOf(bytesOf(text), size), { itemsOf: ['items'] });
      expect(given).toEqual(members.map(([key, value]) => ({ key, value })));
    }
  });

  it('are limited one by one, not together', async () => {
    const many = bytesOf(`{"items":[${'"0123456789",'.repeat(1000)}"0123456789"]}`);
    const limits = { itemsOf: ['items'], maxMemberBytes: 12 };
    expect(await read(chunksOf(many, 50), limits)).toHaveLength(1001);
    const reading = read([bytesOf('{"items":["01234567890"]}')], limits);
    await expect(reading).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
  });

  it('are rejected in a second array if arrays must be unique', async () => {
    const options = { itemsOf: ['items'], areArraysUnique: true };
    for (const more of ['[]', '[2]', '[ ]']) {
      const reading = read([bytesOf(`{"items":[1],"items":${more}}`)], options);
      await expect(reading).rejects.toThrow('byte 21: "items" occurs twice');
    }
    expect(await read([bytesOf('{"items":[1],"other":[2]}')], options)).toHaveLength(2);
  });

  it.each([
    ['a trailing comma', '{"items":[1,]}', 'feed/invalid'],
    ['a leading comma', '{"items":[,1]}', 'feed/invalid'],
    ['a missing comma', '{"items":[1 2]}', 'feed/invalid'],
    ['the wrong bracket', '{"items":[1}', 'feed/invalid'],
    ['a malformed item', '{"items":[{"a" 1}]}', 'feed/invalid'],
    ['a truncated array', '{"items":[1,2', 'feed/truncated'],
    ['truncation after the array', '{"items":[1,2]', 'feed/truncated'],
  ])('are rejected with %s', async (_, broken, code) => {
    await expect(read([bytesOf(broken)], { itemsOf: ['items'] })).rejects.toMatchObject({ code });
  });
});

function nested(depth: number): Uint8Array {
  return bytesOf(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
}

async function* failingAfter(text: string): AsyncGenerator<Uint8Array> {
  yield bytesOf(text);
  throw new Error('read too far');
}

async function outcomeOf(chunks: Iterable<Uint8Array>): Promise<string> {
  try {
    await read(chunks);
    return 'members';
  } catch (error) {
    return error instanceof ClairError ? error.code : String(error);
  }
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

async function read(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  limits: { itemsOf?: readonly string[]; maxMemberBytes?: number; maxDepth?: number } = {},
): Promise<JsonMember[]> {
  const members: JsonMember[] = [];
  for await (const member of jsonMembers(streamOf(chunks), { where: 'feed.json', ...limits })) members.push(member);
  return members;
}

/** Yields chunks and overwrites each chunk when the next chunk is requested, as a reader with a reused buffer does. */
async function* streamOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const lent = Uint8Array.from(chunk);
    yield lent;
    lent.fill(0);
  }
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

function* cutAt(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  let start = 0;
  for (const place of [...places, bytes.length]) {
    yield bytes.subarray(start, place);
    start = place;
  }
}

/** Generates the text of an object, with and without white space between its parts. */
function anyObjectText(): fc.Arbitrary<string> {
  const object = fc.dictionary(
    fc.string({ unit: ANY_CHARACTER }),
    fc.jsonValue({ stringUnit: ANY_CHARACTER, maxDepth: 4 }),
  );
  return fc.tuple(object, fc.constantFrom('', ' ', '\n\t')).map(([value, space]) => JSON.stringify(value, null, space));
}

function objectOf(members: readonly JsonMember[]): unknown {
  return Object.fromEntries(members.map(({ key, value }) => [key, value]));
}
