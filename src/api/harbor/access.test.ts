import { describe, expect, it } from 'vitest';
import type { AccessOptions } from '../access/authentication.ts';
import { HARBOR_ACCESS } from './access.ts';
import { DEFAULT_HARBOR_SETTINGS } from './settings.ts';

const BASIC = `Basic ${Buffer.from('harbor:password').toString('base64')}`;

describe('a request from Harbor', () => {
  it.each<[string, object, Record<string, string>, string]>([
    ['a wrong password', { basic: 'harbor:other' }, { authorization: BASIC }, 'the user name or the password is wrong'],
    ['a password without harbor.basic', { apikey: 'k' }, { authorization: BASIC }, 'or harbor.basic is not set'],
    ['a wrong API key', { apikey: 'k' }, { 'x-scanneradapter-api-key': 'l' }, 'the API key is wrong'],
    ['no credentials', { apikey: 'k' }, {}, 'the request has no credentials that this server accepts'],
  ])('with %s is rejected with the remedy for Harbor', async (_, settings, headers, message) => {
    const options: AccessOptions = { harbor: { ...DEFAULT_HARBOR_SETTINGS, ...settings } };
    await expect(HARBOR_ACCESS.createCheck(options)?.(headers)).rejects.toMatchObject({
      code: 'harbor/unauthenticated',
      message: expect.stringContaining(message),
    });
  });
});
