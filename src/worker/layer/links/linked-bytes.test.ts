import { describe, expect, it } from 'vitest';
import type { Detector } from '../../detectors/detector.ts';
import { createLinkedBytes, type LinkedBytes } from './linked-bytes.ts';

const MADE: Detector = {
  id: 'made',
  kind: 'features',
  version: 1,
  wants: [],
  linked: {
    maxBytes: 10,
    isNamed: (path) => path.startsWith('store/'),
    holds: (bytes) => Buffer.from(bytes).includes('x'),
  },
  read: () => ({ diagnostics: [] }),
};

const file = (path: string, size = 4) => ({ kind: 'file', path, size }) as const;

function kept(list: LinkedBytes, path: string): string | undefined {
  const bytes = list.at(path)?.bytes;
  return bytes && Buffer.from(bytes).toString();
}

describe('the bytes of a possible target of hard links', () => {
  it('are wanted by the name and the size of the file', () => {
    const list = createLinkedBytes([MADE]);
    expect(['store/a', 'other/a'].map((path) => list.mayWant(file(path)))).toEqual([true, false]);
    expect([10, 11].map((size) => list.mayWant(file('store/a', size)))).toEqual([true, false]);
    expect(list.mayWant({ kind: 'directory', path: 'store/a', size: 0 })).toBe(false);
  });

  it('are kept as a copy, if they may be the bytes of a wanted file', () => {
    const list = createLinkedBytes([MADE]);
    const bytes = Buffer.from('xy');
    expect(list.keep('store/a', bytes, 3)).toBe(true);
    expect(list.keep('store/b', Buffer.from('y'), 4)).toBe(false);
    bytes.fill(0);
    expect([kept(list, 'store/a'), kept(list, 'store/b')]).toEqual(['xy', undefined]);
    expect(list.at('store/a')?.order).toBe(3);
  });

  it('are dropped with the file', () => {
    const list = createLinkedBytes([MADE]);
    list.keep('store/a', Buffer.from('x'), 1);
    list.drop('store/a');
    expect(kept(list, 'store/a')).toBeUndefined();
  });

  it('are limited for all files together, and a replaced file counts once', () => {
    const list = createLinkedBytes([MADE], 8);
    expect(list.keep('store/a', Buffer.from('xxxxx'), 1)).toBe(true);
    expect(list.keep('store/b', Buffer.from('xxxxx'), 2)).toBe(false);
    expect([3, 4].map((size) => list.mayWant(file('store/b', size)))).toEqual([true, false]);
    expect(list.keep('store/a', Buffer.from('xxxxxxxx'), 3)).toBe(true);
    list.drop('store/a');
    expect(list.mayWant(file('store/b', 8))).toBe(true);
  });
});

it('no file is wanted without a detector that reads linked files', () => {
  const { linked: _, ...plain } = MADE;
  expect(createLinkedBytes([plain]).mayWant(file('store/a'))).toBe(false);
});
