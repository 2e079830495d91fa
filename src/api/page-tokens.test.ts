import { describe, expect, it } from 'vitest';
import { createPageTokens } from './page-tokens.ts';

/** The key, time and token from the examples of the specification (verify.json in github.com/fernet/spec). */
const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const TOKEN = 'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
const TIME = Date.parse('1985-10-26T01:20:01-07:00');
const INVALID = { code: 'request/page-invalid', kind: 'invalid' };

function at(time: number, key: string = KEY): ReturnType<typeof createPageTokens> {
  return createPageTokens({ key, now: () => time });
}

describe('a page token', () => {
  it('opens on every instance with the same key, for one hour', () => {
    const value = { after: 'CVE-2024-1', list: [1, null, 'é'] };
    const token = at(TIME).seal(value);
    expect(at(TIME).open(token)).toEqual(value);
    expect(at(TIME + 3_600_000, KEY.slice(0, -1)).open(token)).toEqual(value);
    const [late, early] = [() => at(TIME + 3_601_000).open(token), () => at(TIME - 61_000).open(token)];
    expect(late).toThrow(expect.objectContaining({ ...INVALID, message: 'the page token has expired' }));
    const message = 'the page token was issued in the future: check the clocks of the instances';
    expect(early).toThrow(expect.objectContaining({ ...INVALID, message }));
  });

  it('hides its content, and differs each time', () => {
    const tokens = at(TIME);
    const [one, other] = [tokens.seal('secret'), tokens.seal('secret')];
    expect(one).not.toBe(other);
    expect(Buffer.from(one, 'base64url').includes('secret')).toBe(false);
  });

  it('has the Fernet format, because the example token of the specification is verified and decrypted', () => {
    // The token contains the text "hello", so a SyntaxError from JSON.parse proves that the token was decrypted.
    expect(() => at(TIME).open(TOKEN)).toThrow(SyntaxError);
    expect(() => at(TIME, 'A'.repeat(43)).open(TOKEN)).toThrow(expect.objectContaining(INVALID));
  });

  it.each([
    ['empty', ''],
    ['not base64', 'gAAA%%%'],
    ['too short', TOKEN.slice(0, 60)],
    ['of another version', `A${TOKEN.slice(1)}`],
    ['with another time', `gAAAAAAdwJ6x${TOKEN.slice(12)}`],
    ['with changed content', `${TOKEN.slice(0, 60)}A${TOKEN.slice(61)}`],
    ['shortened by a block', Buffer.from(TOKEN, 'base64url').subarray(16).toString('base64url')],
    ['much too long', TOKEN.repeat(100)],
  ])('is rejected if it is %s', (_what, token) => {
    expect(() => at(TIME).open(token)).toThrow(expect.objectContaining(INVALID));
  });

  it('without a configured key is valid only in its process', () => {
    const now = (): number => TIME;
    const tokens = createPageTokens({ now });
    expect(tokens.open(tokens.seal(1))).toBe(1);
    expect(() => createPageTokens({ now }).open(tokens.seal(1))).toThrow(expect.objectContaining(INVALID));
  });

  it.each(['', 'short', `${'A'.repeat(42)}+`, 'A'.repeat(44)])('rejects the key "%s"', (key) => {
    expect(() => at(TIME, key)).toThrow(expect.objectContaining({ code: 'config/invalid' }));
  });
});
