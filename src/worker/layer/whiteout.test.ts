import { describe, expect, it } from 'vitest';

import { whiteoutOfPath } from './whiteout.ts';

describe('whiteoutOfPath', () => {
  it.each([
    ['etc/.wh.passwd', { kind: 'path', path: 'etc/passwd' }],
    ['.wh.etc', { kind: 'path', path: 'etc' }],
    ['etc/.wh..hidden', { kind: 'path', path: 'etc/.hidden' }],
    ['etc/.wh.wh.', { kind: 'path', path: 'etc/wh.' }],
    ['etc/.wh..wh..opq', { kind: 'opaque', directory: 'etc' }],
    ['.wh..wh..opq', { kind: 'opaque', directory: '' }],
    ['.wh..wh.aufs', { kind: 'ignored' }],
    ['etc/.wh..wh.', { kind: 'ignored' }],
    ['etc/.wh..', { kind: 'ignored' }],
    ['etc/.wh...', { kind: 'ignored' }],
    ['etc/.wh.', null],
    ['.wh.', null],
    ['etc/.wh', null],
    ['etc/a.wh.b', null],
    ['.wh.etc/passwd', null],
    ['', null],
  ])('%j is %j', (path, whiteout) => {
    expect(whiteoutOfPath(path)).toEqual(whiteout);
  });
});
