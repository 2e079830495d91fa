import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAccessCheck } from './bearer-tokens.ts';

const NOW = Date.UTC(2026, 0, 1);
const FULL = Buffer.alloc(32, 1);
const READ_ONLY = Buffer.alloc(32, 2);

const check = createAccessCheck(
  { full: { key: FULL, issuers: ['quay', 'ci'] }, readOnly: { key: READ_ONLY, issuers: ['dashboard'] } },
  () => NOW,
);

const seconds = (offset: number): number => NOW / 1000 + offset;

type Token = { readonly key?: Buffer; readonly header?: object; readonly claims?: object };

/** A token as anybody may make it, right or wrong. */
function bearer({ key = FULL, header = { alg: 'HS256' }, claims = {} }: Token = {}): string {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encoded(header)}.${encoded({ iss: 'quay', exp: seconds(60), ...claims })}`;
  return `Bearer ${content}.${createHmac('sha256', key).update(content).digest('base64url')}`;
}

describe('a token', () => {
  it.each<[string, string, string]>([
    ['of the key for everything', bearer(), 'full'],
    ['of any of its issuers', bearer({ claims: { iss: 'ci' } }), 'full'],
    ['that expired just now, by another clock', bearer({ claims: { exp: seconds(-10) } }), 'full'],
    ['of the key for reading', bearer({ key: READ_ONLY, claims: { iss: 'dashboard' } }), 'read-only'],
  ])('%s is accepted', async (_, authorization, access) => {
    expect(await check(authorization)).toBe(access);
  });

  const [unsigned = ''] = bearer({ header: { alg: 'none' } }).split(/(?<=\.)[^.]*$/);
  it.each<[string, string | undefined, string]>([
    ['is asked for', undefined, 'the request has no bearer token'],
    ['is no password', 'Basic dTpw', 'the request has no bearer token'],
    ['is a signed JSON Web Token', 'Bearer nonsense', 'the token is no signed JSON Web Token'],
    ['is not expired', bearer({ claims: { exp: seconds(-60) } }), 'the token has expired'],
    ['expires', bearer({ claims: { exp: undefined } }), 'the claim exp of the token is not accepted'],
    ['holds already', bearer({ claims: { nbf: seconds(60) } }), 'the claim nbf of the token is not accepted'],
    ['is signed with the key', bearer({ key: Buffer.alloc(32) }), 'the token is signed with no key of this server'],
    ['is signed', unsigned, 'the token must be signed by HS256'],
    ['is signed by HS256', bearer({ header: { alg: 'HS512' } }), 'the token must be signed by HS256'],
    ['has an issuer', bearer({ claims: { iss: undefined } }), 'the claim iss of the token is not accepted'],
    ['has one of the issuers', bearer({ claims: { iss: 'me' } }), 'the claim iss of the token is not accepted'],
    [
      'has an issuer of its own key',
      bearer({ key: READ_ONLY, claims: { iss: 'quay' } }),
      'the claim iss of the token is not accepted',
    ],
  ])('%s', async (_, authorization, message) => {
    await expect(check(authorization)).rejects.toMatchObject({ code: 'request/unauthenticated', message });
  });
});
