import { expect, it } from 'vitest';
import { readManifest } from './manifest.ts';

const read = (text: string): Record<string, string> => Object.fromEntries(readManifest(Buffer.from(text)));

it.each<[what: string, text: string, expected: Record<string, string>]>([
  [
    'names in any case',
    'Manifest-Version: 1.0\nIMPLEMENTATION-title: a\n',
    { 'manifest-version': '1.0', 'implementation-title': 'a' },
  ],
  ['lines that end in CR', 'A: 1\rB: 2\r\rC: 3\r', { a: '1', b: '2' }],
  ['lines that end in CR LF', 'A: 1\r\nB: 2\r\n\r\nC: 3\r\n', { a: '1', b: '2' }],
  ['folded lines', 'Bundle-SymbolicName: org.exa\r\n mple.core\r\n', { 'bundle-symbolicname': 'org.example.core' }],
  ['only the main section', 'A: 1\n\nName: a/B.class\nImplementation-Version: 2\n', { a: '1' }],
  ['the first of equal names', 'A: 1\nA: 2\n', { a: '1' }],
  ['no values that the build did not resolve', 'A: %bundleName\nB: ${project.version}\nC:\n', {}],
  ['no lines without a name', 'text\n: 1\nA: 1\n', { a: '1' }],
  ['nothing of an empty file', '', {}],
])('reads %s', (_, text, expected) => {
  expect(read(text)).toEqual(expected);
});
