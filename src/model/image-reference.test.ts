import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageReferenceText, parseImageReference, referenceParts } from './image-reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('an image reference', () => {
  it.each([
    ['debian', 'docker.io/library/debian:latest'],
    ['debian:12', 'docker.io/library/debian:12'],
    ['library/debian:12', 'docker.io/library/debian:12'],
    ['docker.io/debian', 'docker.io/library/debian:latest'],
    ['index.docker.io/debian', 'docker.io/library/debian:latest'],
    ['grafana/loki:2', 'docker.io/grafana/loki:2'],
    ['a/b/c', 'docker.io/a/b/c:latest'],
    [`debian@${DIGEST}`, `docker.io/library/debian@${DIGEST}`],
    [`debian:12@${DIGEST}`, `docker.io/library/debian:12@${DIGEST}`],
    [`debian@sha512:${'0a'.repeat(64)}`, `docker.io/library/debian@sha512:${'0a'.repeat(64)}`],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:1', 'localhost:5000/app:1'],
    ['app:5000/debian', 'app:5000/debian:latest'],
    ['127.0.0.1:5000/a/b', '127.0.0.1:5000/a/b:latest'],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    ['[2001:db8::1]/app', '[2001:db8::1]/app:latest'],
    ['registry.example.org/app', 'registry.example.org/app:latest'],
    ['Registry/app', 'Registry/app:latest'],
    ['xn--n3h.com/app', 'xn--n3h.com/app:latest'],
    [`registry.example.org:443/a/b.c_d__e--f:V1.0-rc_1@${DIGEST}`],
    [`a:${'x'.repeat(128)}`, `docker.io/library/a:${'x'.repeat(128)}`],
    ['a'.repeat(255 - 'docker.io/library/'.length), `docker.io/library/${'a'.repeat(237)}:latest`],
  ])('%s is %s', (text, full = text) => {
    expect(imageReferenceText(parseImageReference(text)!)).toBe(full);
    expect(parseImageReference(full)).toEqual(parseImageReference(text));
  });

  it.each([
    '',
    ':1',
    '@',
    'debian:',
    'debian@',
    'debian:12:13',
    'debian:-x',
    `a:${'x'.repeat(129)}`,
    'Debian',
    'a/Debian',
    '/debian',
    './debian',
    '../debian',
    'debian/',
    'a//b',
    'a___b',
    'a..b',
    '-a',
    'a-',
    'a b',
    'a__b.c/d',
    '-a.b/c',
    'a.b-/c',
    'http://localhost/app',
    'me:secret@localhost/app',
    'localhost:/app',
    'localhost:70000/app',
    '[:::]/app',
    'localhost/app?x=1',
    'localhost/app#x',
    'debian@sha256:0a',
    `debian@sha512:${'0a'.repeat(32)}`,
    `debian@sha384:${'0a'.repeat(48)}`,
    `debian@${DIGEST.toUpperCase()}`,
    '0a'.repeat(32),
    'a'.repeat(255 - 'docker.io/library/'.length + 1),
  ])('is not %j', (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });

  it('survives formatting and parsing', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,5}(?:[._-][a-z0-9]{1,5}){0,2}$/);
    const host = fc.constantFrom('localhost', 'localhost:5000', 'docker.io', '[::1]', 'a.example:1');
    const tag = fc.option(fc.stringMatching(/^\w[\w.-]{0,9}$/), { nil: undefined });
    fc.assert(
      fc.property(
        host,
        fc.array(name, { minLength: 1, maxLength: 3 }),
        tag,
        fc.boolean(),
        (domain, path, label, pin) => {
          const text = `${domain}/${path.join('/')}${label === undefined ? '' : `:${label}`}${pin ? `@${DIGEST}` : ''}`;
          const reference = parseImageReference(text)!;
          expect(parseImageReference(imageReferenceText(reference))).toEqual(reference);
          expect(reference).toMatchObject({ domain, digest: pin ? DIGEST : undefined });
        },
      ),
    );
  });

  it('rejects a long text quickly', { timeout: 2000 }, () => {
    for (const part of ['a', 'a-', 'a.', 'A', '-', 'a/', '0']) {
      expect(parseImageReference(`${part.repeat(50_000)}!`)).toBeUndefined();
    }
  });
});

describe('the parts of an image name', () => {
  it.each([
    ['debian', { name: 'debian', repository: 'debian' }],
    ['docker.io/library/debian:12', { name: 'docker.io/library/debian', repository: 'debian', tag: '12' }],
    ['index.docker.io/org/app', { name: 'index.docker.io/org/app', repository: 'org/app' }],
    ['localhost:5000/app', { name: 'localhost:5000/app', repository: 'localhost:5000/app' }],
    ['localhost:5000/app:1', { name: 'localhost:5000/app', repository: 'localhost:5000/app', tag: '1' }],
    [`app:1@${DIGEST}`, { name: 'app', repository: 'app', tag: '1', digest: DIGEST }],
    ['/tmp/an image.tar', { name: '/tmp/an image.tar', repository: '/tmp/an image.tar' }],
    ['app: no tag', { name: 'app: no tag', repository: 'app: no tag' }],
    ['', { name: '', repository: '' }],
  ])('%j', (text, parts) => expect(referenceParts(text)).toEqual(parts));
});
