import { describe, expect, it } from 'vitest';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import type { PathPattern } from '../../detectors/path-pattern.ts';
import type { Kept } from '../kept-path.ts';
import { LAYER_LIMITS } from '../limits.ts';
import { indexPatterns } from '../patterns/pattern-index.ts';
import { createHardLinks, type HardLinks } from './hard-links.ts';

function detector(id: string, wants: PathPattern): Detector {
  const linked = { maxBytes: 100, isNamed: (path: string) => path.startsWith('store/'), holds: () => true };
  return { id, kind: 'features', version: 1, wants: [wants], linked, read: () => ({ diagnostics: [] }) };
}

const MANIFESTS = detector('manifests', { kind: 'basename', name: 'manifest' });
const OTHERS = detector('others', { kind: 'basename', name: 'other' });
const PROGRAMS = detector('programs', { kind: 'executable' });
const DETECTORS = [MANIFESTS, OTHERS, PROGRAMS];

function said(message: string): FileFacts {
  return { diagnostics: [{ code: 'library-unreadable', message, where: 'x' }] };
}

/** A detector reads content as a diagnostic with its id, the path and the content. */
function linksTo(members: Readonly<Record<string, Kept>>, isStanding = true): HardLinks {
  const earlier = {
    at: (path: string) => (isStanding ? members[path] : undefined),
    isKept: (path: string) => path in members,
    isStanding: () => isStanding,
    others: () => undefined,
  };
  return createHardLinks(DETECTORS, indexPatterns(DETECTORS), LAYER_LIMITS, earlier, ({ id }, path, bytes) =>
    said(`${id} ${path} ${Buffer.from(bytes.whole()).toString()}`),
  );
}

function readBy(...detectors: readonly Detector[]): Kept {
  return { readings: new Map(detectors.map((each) => [each, said(each.id)])) };
}

const ENTRY: Kept = { entry: { kind: 'other', path: 'a' } };
const SYMLINK: Kept = { entry: { kind: 'symlink', path: 'a', target: 't' } };
const WANTED = { detectors: [MANIFESTS], above: false };
const ABOVE = { detectors: [], above: true };

describe('a hard link in any directory', () => {
  it.each<[string, Kept | undefined, string, Kept | undefined]>([
    ['is read as its target was read by the same detector', readBy(MANIFESTS, OTHERS), 'manifest', readBy(MANIFESTS)],
    ['is a program like its target', readBy(PROGRAMS), 'b', readBy(PROGRAMS)],
    ['is to be read if another detector read the target', readBy(OTHERS), 'manifest', hardlink('manifest')],
    ['is to be read if the target was not read', undefined, 'manifest', hardlink('manifest')],
    ['is to be read if the target is no file', ENTRY, 'manifest', hardlink('manifest')],
    ['is not kept if no detector reads its name', readBy(MANIFESTS), 'b', undefined],
  ])('%s', (_, target, path, expected) => {
    expect(linksTo(target === undefined ? {} : { a: target }).anywhere(path, 'a')).toEqual(expected);
  });

  it('may be a program of a layer below if its target is not in the layer', () => {
    const links = linksTo({ a: readBy(MANIFESTS) });
    for (const [path, target] of [
      ['b', 'a'],
      ['c', 'below'],
      ['d', '../outside'],
    ] as const)
      links.anywhere(path, target);
    expect(links.toPrograms.list()).toEqual([{ path: 'c', target: 'below' }]);
    links.drop('c');
    expect(links.toPrograms.list()).toEqual([]);
  });
});

describe('a hard link at a fixed path', () => {
  it.each<[string, Kept | undefined, string, Kept]>([
    ['is read as its target was read', readBy(MANIFESTS), 'a', readBy(MANIFESTS)],
    ['is a symbolic link like its target', SYMLINK, 'a', { entry: { kind: 'symlink', path: 'b', target: 't' } }],
    ['is to be read if the target was not read', undefined, 'a', hardlink('b')],
  ])('%s', (_, kept, target, expected) => {
    expect(linksTo(kept === undefined ? {} : { a: kept }).atFixedPath('b', target, WANTED)).toEqual(expected);
  });

  it('cannot be read if the target is outside the image', () => {
    const kept = linksTo({}).atFixedPath('b', '../a', WANTED);
    expect('readings' in kept && kept.readings.get(MANIFESTS)?.diagnostics).toMatchObject([
      { code: 'link-unresolved' },
    ]);
  });

  it('replaces what is below its path', () => {
    expect(linksTo({ a: readBy(MANIFESTS) }).atFixedPath('b', 'a', ABOVE)).toEqual({
      entry: { kind: 'other', path: 'b' },
    });
  });
});

describe('a target that no detector reads at its own path', () => {
  it.each([
    ['is read for a link', (links: HardLinks) => links, said('manifests manifest content')],
    ['is not read after another member replaced it', dropTarget, undefined],
  ])('%s', (_, change, expected) => {
    const links = linksTo({});
    links.keepUnread('store/a', Buffer.from('content'), 1);
    const kept = change(links).anywhere('manifest', 'store/a');
    expect(kept !== undefined && 'readings' in kept ? kept.readings.get(MANIFESTS) : undefined).toEqual(expected);
  });

  it('is not read after another member replaced a directory above it', () => {
    const links = linksTo({}, false);
    links.keepUnread('store/a', Buffer.from('content'), 1);
    expect(links.anywhere('manifest', 'store/a')).toEqual({
      entry: { kind: 'hardlink', path: 'manifest', target: 'store/a' },
    });
  });
});

function hardlink(path: string): Kept {
  return { entry: { kind: 'hardlink', path, target: 'a' } };
}

function dropTarget(links: HardLinks): HardLinks {
  links.drop('store/a');
  return links;
}
