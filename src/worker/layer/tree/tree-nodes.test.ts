import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../database/testing/packages.ts';
import type { FileFacts } from '../../detectors/detector.ts';
import { depthOfRepeated, fileNode, type Node } from './tree-nodes.ts';

const FOUND = [{ feature: { type: 'npm', name: 'a', version: '1' }, path: 'a/package.json' }];

function at(depth: number, facts: Partial<FileFacts>): Node {
  return fileNode({ byDetector: { npm: { diagnostics: [], ...facts } }, depth });
}

const link = (depth: number, target: string): Node => ({ kind: 'symlink', target, depth });
const A = { features: FOUND, content: digestOf('a') };
const B = { ...A, content: digestOf('b') };

describe('a file or link above another one', () => {
  it.each<[what: string, upper: Node, below: Node, depth: number | undefined]>([
    ['with the same bytes repeats it', at(1, A), at(0, A), 0],
    ['with the same features in other bytes replaces it', at(1, B), at(0, A), undefined],
    ['too large for memory replaces it', at(1, { features: FOUND }), at(0, { features: FOUND }), undefined],
    ['without features replaces it', at(1, {}), at(0, {}), undefined],
    ['in place of a link replaces it', at(1, A), link(0, 'a'), undefined],
    ['with the same target repeats it', link(1, 'a'), link(0, 'a'), 0],
    ['with another target replaces it', link(1, 'b'), link(0, 'a'), undefined],
  ])('%s', (_, upper, below, depth) => {
    expect(depthOfRepeated(upper, below)).toBe(depth);
  });
});
