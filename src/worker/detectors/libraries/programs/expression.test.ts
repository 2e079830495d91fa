import { cpuUsage } from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import { parseExpression } from './expression.ts';
import { findVersion } from './find-version.ts';

/** Returns the version that an expression finds in a text, which is split into chunks of 7 bytes. */
function found(text: string, content: string | Buffer, release = ''): string | undefined {
  const expression = parseExpression(text, release);
  if ('fault' in expression) throw new Error(expression.fault);
  const bytes = Buffer.from(content as string, 'latin1');
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.subarray(at * 7, at * 7 + 7));
  return findVersion(new ChunkedBytes(chunks), expression);
}

describe('an expression', () => {
  it.each<[text: string, content: string, expected: string | undefined]>([
    ['nginx/{version}', 'x nginx/1.26.3\0', '1.26.3'],
    ['nginx/{version}', 'nginx/%s nginx/x nginx/1.26.3', '1.26.3'],
    ['nginx/{version}', 'nginx/1', undefined],
    ['nginx/{version}', 'nginx/', undefined],
    ['nginx/{version}\\0', 'nginx/1.2.3-x\0 nginx/1.2.4\0', '1.2.4'],
    ['\\0{version}-MariaDB', 'a 1.2.3-MariaDB\x0011.8.9-MariaDB', '11.8.9'],
    ['\\0{version}\\0{number}\\0c11-builtin\\0', '\x008.0.2\x0014.2.0\0c11-builtin\0', '8.0.2'],
    [' version {version}-{word}, released ', 'HAProxy version 3.0.11-1+deb13u4, released 2026', '3.0.11'],
    ['OpenSSL {version} {number} ', 'OpenSSL 1.1.1w 11 Sep', '1.1.1w'],
    ['OpenSSL {version} {number} ', 'OpenSSL 3.5.0-beta1 1 Sep', '3.5.0-beta1'],
    ['Python {version}', 'Python 3.13.0rc1', '3.13.0rc1'],
    ['built {version}buildkit', 'built 7.0.14buildkit', '7.0.14'],
    ['a+b*(c) {version}', 'a+b*(c) 1.2', '1.2'],
    ['\\0{semver}{zeros}heap', '\x007.0.28\0\0\0heap', '7.0.28'],
    ['\\0{semver}{zeros}heap', '\x007.0\0heap', undefined],
    ['\\0{semver}\\0RELEASE', '\x001.18.6-dev\0RELEASE', '1.18.6-dev'],
    ['\\0{semver}\\0{gap}envoy_', `\x001.1\x001.36.1\0${'x'.repeat(900)}envoy_`, '1.36.1'],
    ['\\0{semver}\\0{gap}envoy_', `\x001.36.1\0${'x'.repeat(1001)}envoy_`, undefined],
    ['quic_{gap}\\0{semver}\\0', `quic_${'x'.repeat(900)}\x001.28.7\x001.2.13\0`, '1.28.7'],
    ['text {version}', 'text 12.34.56.78.90', '12.34.56.78'],
    ['text {version}', 'text 1234567890.1', undefined],
  ])('%j in %j finds %s', (text, content, expected) => {
    expect(found(text, content)).toBe(expected);
  });

  it('may use the numbers in the file name', () => {
    const content = '\x003.11.2\0\x003.13.5\0';
    expect(found('\\0{release}.{patch}\\0', content, '3.13')).toBe('3.13.5');
    expect(found('\\0{release}.{patch}\\0', content, '3.12')).toBeUndefined();
  });

  it('finds the version wherever chunks split the text', () => {
    const text = fc.string({ unit: fc.constantFrom('n', 'g', '/', '1', '.', '\0'), maxLength: 40 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(found('engine {version};', `${before}engine 1.2.3;${after}`)).toBe('1.2.3');
      }),
    );
  });

  it('gives up after 1,000 occurrences without a version', () => {
    expect(found('text/{version}', `${'text/'.repeat(999)}text/1.2`)).toBe('1.2');
    expect(found('text/{version}', `${'text/'.repeat(1000)}text/1.2`)).toBeUndefined();
  });

  it.each([
    ['nginx', 'needs exactly one of {version}, {semver} or {release}.{patch}'],
    ['nginx {version} {version}', 'needs exactly one of {version}, {semver} or {release}.{patch}'],
    ['nginx {patch}', 'needs exactly one of {version}, {semver} or {release}.{patch}'],
    ['abc{version}de', 'needs at least 4 plain characters in a row'],
    ['{version}', 'needs at least 4 plain characters in a row'],
    ['nginx {version}{other}', 'has the unknown placeholder {other}'],
    ['nginx {version}\\x', 'has a character outside of Latin-1, or an escape other than \\0, \\n, \\t, \\\\'],
    ['nginx\u2026 {version}', 'has a character outside of Latin-1, or an escape other than \\0, \\n, \\t, \\\\'],
    ['nginx {version}{word}{word}{word}{word}', 'has more than 4 placeholders'],
    ['nginx {gap}{version}{gap}', 'has more than one {gap}'],
    [`${'n'.repeat(256)}{version}`, 'is longer than 256 characters'],
  ])('is invalid: %j', (text, fault) => {
    expect(parseExpression(text, '')).toEqual({ fault });
  });

  it('takes bounded time for bytes that nearly match', () => {
    const near = `${'1.2.'.repeat(60)}\0engine\0`;
    // Measure CPU time instead of elapsed time, because other processes share the processors.
    const started = cpuUsage();
    expect(found('\\0{version}{word}{number}\\0engine\\0', near.repeat(500))).toBeUndefined();
    expect(found('\\0{semver}\\0{gap}engine', `\x001.2.3${near}`.repeat(25))).toBeUndefined();
    expect(cpuUsage(started).user).toBeLessThan(500_000);
  });
});
