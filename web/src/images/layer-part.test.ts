import { describe, expect, it } from 'vitest';
import type { GraphFinding, GraphLayer, GraphLine } from '../api-shapes.ts';
import { partOfPackage } from './layer-part.ts';

const packageOf = (name: string): GraphLayer['added'][number] => ({ type: 'deb', name, version: '1' });

function findingIn(name: string): GraphFinding {
  const state = { severity: 'High', status: 'open', version: '1', fixedIn: null, isSuppressed: false } as const;
  return { id: 'CVE-1', package: name, ...state };
}

function lineOf(name: string, packages: readonly string[]): GraphLine {
  const points = [{ version: '1', layer: 0, until: null, packages }];
  return { namespace: 'debian:12', name, versions: ['1'], points, intervals: [] };
}

const LAYER: GraphLayer = {
  index: 0,
  createdBy: 'RUN install',
  origin: 'own',
  size: null,
  added: [packageOf('libssl3'), packageOf('libssl3-dev')],
  removed: [packageOf('zlib1g')],
  brings: [findingIn('libssl3'), findingIn('libssl3-dev')],
  repairs: [findingIn('zlib1g')],
};

const WHOLE = { layer: LAYER, lines: [lineOf('openssl', ['libssl3', 'openssl']), lineOf('zlib', ['zlib1g'])] };

describe('the part of a layer', () => {
  it('about an added package has its findings, and the version line of its source package', () => {
    const part = partOfPackage(WHOLE, 'libssl3');
    expect(part?.layer.added).toEqual([packageOf('libssl3')]);
    expect(part?.layer.removed).toEqual([]);
    expect(part?.layer.brings).toEqual([findingIn('libssl3')]);
    expect(part?.layer.repairs).toEqual([]);
    expect(part?.lines.map(({ name }) => name)).toEqual(['openssl']);
  });

  it('about a removed package has the findings that the layer fixes', () => {
    const part = partOfPackage(WHOLE, 'zlib1g');
    expect(part?.layer.added).toEqual([]);
    expect(part?.layer.removed).toEqual([packageOf('zlib1g')]);
    expect(part?.layer.repairs).toEqual([findingIn('zlib1g')]);
  });

  it('about a package that the layer does not change is absent', () => {
    expect(partOfPackage(WHOLE, 'libssl')).toBeUndefined();
  });
});
