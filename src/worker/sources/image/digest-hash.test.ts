import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../model/digest.ts';
import { digestHash } from './digest-hash.ts';

describe('a digest of bytes', () => {
  it.each<[string, Digest | undefined, 'sha256' | 'sha512']>([
    ['without an expected digest', undefined, 'sha256'],
    ['with an expected digest in SHA-256', `sha256:${'0'.repeat(64)}`, 'sha256'],
    ['with an expected digest in SHA-512', `sha512:${'0'.repeat(128)}`, 'sha512'],
  ])('%s has the right algorithm', (_, promised, algorithm) => {
    const hash = digestHash(promised);
    hash.update(Buffer.from('a'));
    hash.update(Buffer.from('b'));
    expect(hash.digest()).toBe(`${algorithm}:${createHash(algorithm).update('ab').digest('hex')}`);
  });
});
