import { describe, expect, it } from 'vitest';
import { splitReference } from './reference-word.tsx';

describe('the parts of a reference', () => {
  it.each([
    ['debian:12', '', 'debian:12'],
    ['team/app:1', '', 'team/app:1'],
    ['registry.example/team/app:1', 'registry.example/', 'team/app:1'],
    ['localhost/app', 'localhost/', 'app'],
    ['127.0.0.1:5000/app@sha256:ab', '127.0.0.1:5000/', 'app@sha256:ab'],
    ['./folder/app.tar', '', './folder/app.tar'],
    ['/srv/app.tar', '', '/srv/app.tar'],
    ['', '', ''],
  ])('of %s are “%s” and “%s”', (reference, registry, rest) => {
    expect(splitReference(reference)).toEqual([registry, rest]);
  });
});
