import { describe, expect, it } from 'vitest';
import { lentCredentials, parseLentAuthorization } from './lent-credentials.ts';

describe('the authorization that a client sent', () => {
  it.each([
    [`Basic ${btoa('robot$a+b:secret')}`, { username: 'robot$a+b', secret: 'secret' }],
    [`basic  ${btoa('u:a:b')} `, { username: 'u', secret: 'a:b' }],
    [`Basic ${btoa('u:')}`, { username: 'u', secret: '' }],
    ['Bearer eyJ.a-b_c.d', { accessToken: 'eyJ.a-b_c.d' }],
  ])('%s is read', (value, credentials) => {
    expect(parseLentAuthorization(value)).toEqual(credentials);
  });

  it.each(['', 'Basic', `Basic ${btoa('nothing')}`, 'Bearer a b', 'Bearer a\r\nx: y', 'Digest x'])(
    '%j is not read',
    (value) => {
      expect(parseLentAuthorization(value)).toBeUndefined();
    },
  );
});

it('is the only login: without an authorization the access is anonymous', async () => {
  const { find } = lentCredentials({ authorization: '' });
  expect(await find({ domain: 'harbor.example', repository: 'a' })).toBeUndefined();
});
