import { describe, expect, it } from 'vitest';
import { ClairError, type ErrorCode } from '../../errors.ts';
import { errorResponse } from '../error-response.ts';
import { asciiText, V4_ERRORS } from './error-format.ts';

describe('a Clair v4 error', () => {
  it.each<[ErrorCode, number, string]>([
    ['request/invalid', 400, 'bad-request'],
    ['request/not-json', 400, 'bad-request'],
    ['bytes/corrupt', 400, 'bad-request'],
    ['bytes/truncated', 400, 'bad-request'],
    ['request/unauthenticated', 401, 'bad-request'],
    ['image/unknown', 404, 'not-found'],
    ['request/not-found', 404, 'not-found'],
    ['request/method-not-allowed', 405, 'method-not-allowed'],
    ['request/not-acceptable', 415, 'bad-request'],
    ['manifest/queue-full', 429, 'too-many-requests'],
    ['manifest/layer-unavailable', 500, 'internal-error'],
    ['layer/host-not-allowed', 500, 'internal-error'],
    ['bytes/limit-exceeded', 500, 'internal-error'],
    ['server/disk-full', 507, 'internal-error'],
    ['server/no-room', 503, 'internal-error'],
    ['database/unavailable', 503, 'internal-error'],
    ['request/timeout', 503, 'internal-error'],
  ])('%s is %i %s', (code, status, word) => {
    const response = errorResponse(new ClairError(code, 'why'), V4_ERRORS);
    expect([response.status, V4_ERRORS.body(response)]).toEqual([
      status,
      { code: word, message: expect.stringContaining(`(${code})`) },
    ]);
  });

  it('has a message in ASCII, because Quay fails otherwise', () => {
    expect(asciiText('“ä”\n😀 a~')).toBe('\\u201c\\u00e4\\u201d\\u000a\\ud83d\\ude00 a~');
  });
});
