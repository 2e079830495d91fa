import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { expect, it } from 'vitest';

const FILE = readFileSync('deploy/Dockerfile', 'utf8');
/** The last stage: what is in the image. */
const IMAGE = FILE.slice(FILE.lastIndexOf('\nFROM '));

it('is a Dockerfile without anything to complain of', () => {
  expect(validate(FILE)).toEqual([]);
});

it('names the bases by the version of Node and of Debian, and no moving tag', () => {
  const bases = [...FILE.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)].map(([, base]) => base);
  expect(bases).toEqual([
    expect.stringMatching(/^node:20\.\d+\.\d+-trixie$/),
    expect.stringMatching(/^node:20\.\d+\.\d+-trixie-slim$/),
  ]);
  expect(new Set(bases.map((base = '') => base.replace('-slim', ''))).size).toBe(1);
});

it('runs as a user with a number, which is not root, until the end', () => {
  expect([...IMAGE.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user)).toEqual(['1000:1000']);
  expect(IMAGE.indexOf('\nRUN ', IMAGE.indexOf('\nUSER '))).toBe(-1);
});

it('brings what the program reads at run time, of its dependencies those of production alone', () => {
  expect(FILE).toMatch(/^RUN .*npm ci --omit=dev/m);
  expect([...IMAGE.matchAll(/^COPY (?:--from=\S+ )?(.+)$/gm)].map(([, copied]) => copied)).toEqual([
    '/app/node_modules node_modules',
    '/app/dist dist',
    'package.json LICENSE ./',
  ]);
});

it('lets nothing reach the builder that it does not copy', () => {
  const sent = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  const copied = [...FILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));
  expect(new Set(sent.map((line) => line.slice(1)))).toEqual(new Set(copied));
});
