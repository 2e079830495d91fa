import { describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { readLayer } from '../../layer/layer-reader.ts';
import { initialState, nextState } from '../../layer/layer-state.ts';
import { gem } from './gem/detector.ts';
import { pypi } from './pypi/detector.ts';

const SITE = 'opt/app/lib/python3.12/site-packages';
const GEMS = 'usr/local/bundle/specifications';

/** Returns the libraries of an image as `name version path`. */
async function librariesOf(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  let state = initialState();
  let found: readonly string[] = [];
  for (const members of layers) {
    const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
    const { contents } = await readLayer(source, [pypi, gem]);
    const next = nextState(state, contents, [pypi, gem]);
    state = next.state;
    found = [...next.conclusion.features.values()].map(({ feature: { name, version }, path }) => {
      return `${name} ${version} ${path}`;
    });
  }
  return found;
}

function distribution(directory: string, name: string, version: string): Member {
  return {
    name: `${directory}/${name}-${version}.dist-info/METADATA`,
    content: `Name: ${name}\nVersion: ${version}\n`,
  };
}

function installedGem(name: string, version: string): Member {
  return {
    name: `${GEMS}/${name}-${version}.gemspec`,
    content: `Gem::Specification.new do |s|\n  s.name = "${name}".freeze\n  s.version = "${version}".freeze\nend\n`,
  };
}

const whiteout = (path: string): Member => ({ name: path.replace(/([^/]+)$/, '.wh.$1'), content: '' });
const opaque = (directory: string): Member => ({ name: `${directory}/.wh..wh..opq`, content: '' });

describe('the libraries of an image', () => {
  it('after an upgrade have the new version', async () => {
    expect(
      await librariesOf(
        [distribution(SITE, 'x', '1'), installedGem('rack', '2.2.0')],
        [
          whiteout(`${SITE}/x-1.dist-info`),
          distribution(SITE, 'x', '2'),
          whiteout(`${GEMS}/rack-2.2.0.gemspec`),
          installedGem('rack', '3.1.0'),
        ],
      ),
    ).toEqual([`x 2 ${SITE}/x-2.dist-info/METADATA`, `rack 3.1.0 ${GEMS}/rack-3.1.0.gemspec`]);
  });

  it('may be removed and installed again with another version', async () => {
    const layers = [
      [distribution(SITE, 'x', '1')],
      [whiteout(`${SITE}/x-1.dist-info`)],
      [distribution(SITE, 'x', '3')],
    ];
    expect(await librariesOf(...layers.slice(0, 2))).toEqual([]);
    expect(await librariesOf(...layers)).toEqual([`x 3 ${SITE}/x-3.dist-info/METADATA`]);
  });

  it('are gone when a link replaces their directory without a whiteout', async () => {
    expect(
      await librariesOf(
        [distribution(SITE, 'x', '1'), distribution('srv/other', 'y', '1')],
        [{ name: SITE, type: '2', link: '/srv/other' }],
      ),
    ).toEqual(['y 1 srv/other/y-1.dist-info/METADATA']);
  });

  it.each(['before', 'after'])('in an opaque directory count with the mark %s them', async (order) => {
    const members = [opaque(SITE), distribution(SITE, 'x', '2')];
    const layer = order === 'before' ? members : members.toReversed();
    expect(await librariesOf([distribution(SITE, 'x', '1')], layer)).toEqual([`x 2 ${SITE}/x-2.dist-info/METADATA`]);
  });

  it('at a hard link have both paths', async () => {
    const target = `${SITE}/x-1.dist-info/METADATA`;
    const copy = 'srv/copy/x-1.dist-info/METADATA';
    expect(await librariesOf([distribution(SITE, 'x', '1'), { name: copy, type: '1', link: target }])).toEqual([
      `x 1 ${target}`,
      `x 1 ${copy}`,
    ]);
  });

  it('in several environments have their own versions', async () => {
    const [one, other] = ['srv/a/lib/python3.9/site-packages', 'srv/b/lib/python3.13/site-packages'];
    expect(
      await librariesOf(
        [distribution(one, 'x', '1'), distribution(other, 'x', '2')],
        [whiteout(`${one}/x-1.dist-info`)],
      ),
    ).toEqual([`x 2 ${other}/x-2.dist-info/METADATA`]);
  });
});
