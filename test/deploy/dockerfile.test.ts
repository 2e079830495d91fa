import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { SHIPPED_NODE } from '../../scripts/node-release/node-package.ts';

const FILE = readFileSync('deploy/Dockerfile', 'utf8');
/** The last stage, which becomes the image. */
const IMAGE = FILE.slice(FILE.lastIndexOf('\nFROM '));
/** The files and folders that come from the repository. */
const COPIED = [...FILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) => names.split(' '));

it('is a Dockerfile without warnings', () => {
  expect(validate(FILE)).toEqual([]);
});

it('pins its base images to a full version, and uses the Node release of the executable', () => {
  const values = new Map([...FILE.matchAll(/^ARG (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
  expect(Object.fromEntries(values)).toEqual({
    BUILD_IMAGE: `node:${SHIPPED_NODE}-trixie`,
    RUN_IMAGE: expect.stringMatching(/^debian:13\.\d+-slim$/),
    NODE_RELEASE: SHIPPED_NODE,
    NODE_HEADERS: `${Number.parseInt(SHIPPED_NODE, 10)}.0.0`,
  });
});

it('ends with a numeric user that is not root', () => {
  expect([...IMAGE.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user)).toEqual(['1000:1000']);
  expect(IMAGE.indexOf('\nRUN ', IMAGE.indexOf('\nUSER '))).toBe(-1);
});

it('copies the run-time files of the program, and only production dependencies', () => {
  expect(FILE).toMatch(/&& npm ci --omit=dev/);
  expect([...IMAGE.matchAll(/^COPY (?:--from=\S+ )?(.+)$/gm)].map(([, copied]) => copied)).toEqual([
    '/opt/node/bin/node /usr/local/bin/node',
    '/opt/node/LICENSE /usr/share/doc/node/LICENSE',
    '/app/node_modules node_modules',
    '/app/dist dist',
    'package.json LICENSE ./',
  ]);
});

it('copies the scripts that build the program', async () => {
  const { metafile } = await build({
    entryPoints: ['scripts/build.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  });
  const needed = Object.keys(metafile.inputs).filter((path) => path.startsWith('scripts/'));
  expect(needed.toSorted()).toEqual(COPIED.filter((path) => path.startsWith('scripts/')).toSorted());
});

it('sends nothing to the builder that it does not copy', () => {
  const sent = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  expect(new Set(sent.map((line) => line.slice(1)))).toEqual(new Set(COPIED));
});
