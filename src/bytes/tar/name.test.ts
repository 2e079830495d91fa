import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { pathOfName, shownName } from './name.ts';

describe('pathOfName', () => {
  it.each([
    ['etc/passwd', 'etc/passwd'],
    ['./etc/passwd', 'etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['.//etc///passwd/', 'etc/passwd'],
    ['etc/./passwd', 'etc/passwd'],
    ['etc/.hidden', 'etc/.hidden'],
    ['etc/..data', 'etc/..data'],
    ['etc/../usr', 'usr'],
    ['etc/..', ''],
    ['.', ''],
    ['./', ''],
    ['/', ''],
    ['', ''],
    ['..', null],
    ['../etc', null],
    ['/../etc', null],
    ['etc/../../usr', null],
    ['etc/../../etc/passwd', null],
  ])('maps %j to %j', (name, path) => {
    expect(pathOfName(name)).toBe(path);
  });

  it('is idempotent and never leads upwards', () => {
    const name = fc.array(fc.constantFrom('a', '.', '..', '', '.b', 'c.')).map((segments) => segments.join('/'));
    fc.assert(
      fc.property(name, (text) => {
        const path = pathOfName(text) ?? '';
        expect(pathOfName(path)).toBe(path);
        expect(path.split('/')).not.toContain('..');
      }),
    );
  });
});

describe('shownName', () => {
  it.each([
    ['a', '"a"'],
    ['a\n\u001b[2J', String.raw`"a\n\u001b[2J"`],
    ['x'.repeat(1000), `"${'x'.repeat(200)}…"`],
  ])('shows %j escaped and shortened', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });
});
