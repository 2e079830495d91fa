import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAccessCheck, subjectOf } from './bearer-tokens.ts';

const NOW = Date.UTC(2026, 0, 1);
const FULL = Buffer.alloc(32, 1);
const READ_ONLY = Buffer.alloc(32, 2);

const check = createAccessCheck(
  { full: { key: FULL, issuers: ['quay', 'ci'] }, readOnly: { key: READ_ONLY, issuers: ['dashboard'] } },
  () => NOW,
);

const seconds = (offset: number): number => NOW / 1000 + offset;

type Token = { readonly key?: Buffer; readonly header?: { readonly alg: string }; readonly claims?: object };

/** Returns an `authorization` header with a valid or invalid token. */
function bearer({ key = FULL, header = { alg: 'HS256' }, claims = {} }: Token = {}): string {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encoded(header)}.${encoded({ iss: 'quay', exp: seconds(60), ...claims })}`;
  return `Bearer ${content}.${createHmac(header.alg.replace(/^HS/, 'sha').replace('none', 'sha256'), key).update(content).digest('base64url')}`;
}

describe('a token', () => {
  it.each<[string, string, string]>([
    ['of the full-access key', bearer(), 'full'],
    ['with HS384', bearer({ header: { alg: 'HS384' } }), 'full'],
    ['with HS512', bearer({ header: { alg: 'HS512' } }), 'full'],
    ['of another accepted issuer', bearer({ claims: { iss: 'ci' } }), 'full'],
    ['that expired within the clock tolerance', bearer({ claims: { exp: seconds(-10) } }), 'full'],
    ['of a clock that is ahead within the tolerance', bearer({ claims: { iat: seconds(10) } }), 'full'],
    ['of the read-only key', bearer({ key: READ_ONLY, claims: { iss: 'dashboard' } }), 'read-only'],
  ])('%s is accepted', async (_, authorization, access) => {
    expect(await check(authorization)).toBe(access);
  });

  const [unsigned = ''] = bearer({ header: { alg: 'none' } }).split(/(?<=\.)[^.]*$/);
  it.each<[string, string | undefined, string]>([
    ['is missing', undefined, 'the request has no bearer token'],
    ['is a password', 'Basic dTpw', 'the request has no bearer token'],
    ['is not a JSON Web Token', 'Bearer nonsense', 'the token is not a signed JSON Web Token'],
    ['has expired', bearer({ claims: { exp: seconds(-60) } }), 'the token has expired'],
    ['has no expiry time', bearer({ claims: { exp: undefined } }), 'the token has no claim exp'],
    [
      'is not valid yet',
      bearer({ claims: { nbf: seconds(60) } }),
      'the token is not valid yet: check the clocks of the server and of the token issuer',
    ],
    [
      'has a malformed start time',
      bearer({ claims: { nbf: 'now' } }),
      'the claim nbf of the token is not a number of seconds since 1970',
    ],
    [
      'is from the future',
      bearer({ claims: { iat: seconds(60) } }),
      'the token was issued in the future: check the clocks of the server and of the token issuer',
    ],
    [
      'is signed with another key',
      bearer({ key: Buffer.alloc(32) }),
      'the token is not signed with a key of this server',
    ],
    ['is not signed', unsigned, 'the token must be signed with HS256, HS384 or HS512'],
    [
      'is signed with another algorithm than its header names',
      bearer().replace(/^Bearer [^.]+/, bearer({ header: { alg: 'HS512' } }).split('.')[0] ?? ''),
      'the token is not signed with a key of this server',
    ],
    ['has no issuer', bearer({ claims: { iss: undefined } }), 'the token has no claim iss'],
    [
      'has an unknown issuer',
      bearer({ claims: { iss: 'me' } }),
      'the claim iss of the token names none of the issuers in api.auth.psk.iss',
    ],
    [
      'has an issuer of the other key',
      bearer({ key: READ_ONLY, claims: { iss: 'quay' } }),
      'the claim iss of the token names none of the issuers in api.auth.readonly.iss',
    ],
  ])('is rejected if it %s', async (_, authorization, message) => {
    await expect(check(authorization)).rejects.toMatchObject({ code: 'request/unauthenticated', message });
  });
});

describe('the subject of a token', () => {
  it.each<[unknown, string]>([
    ['jane', 'jane'],
    ['j'.repeat(300), 'j'.repeat(256)],
    [undefined, 'quay'],
    ['', 'quay'],
    [42, 'quay'],
    [{ name: 'jane' }, 'quay'],
    [null, 'quay'],
  ])('with sub %j is %s', (sub, expected) => {
    expect(subjectOf(bearer({ claims: { sub } }))).toBe(expected);
  });

  it('is null without a token', () => {
    expect(subjectOf(undefined)).toBeNull();
    expect(subjectOf('Basic dTpw')).toBeNull();
  });
});
