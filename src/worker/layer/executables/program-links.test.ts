import { describe, expect, it } from 'vitest';
import { createPathList } from '../tree/path-list.ts';
import { createProgramLinks } from './program-links.ts';

function linksOf(members: readonly string[] = [], maxCharacters = 1000) {
  const list = createPathList(10_000);
  for (const path of members) list.add(path);
  const links = createProgramLinks(maxCharacters, list.list);
  return { list, links, shown: () => links.list().map(({ path, target }) => `${path} ${target}`) };
}

describe('hard links to programs of the layers below', () => {
  it('lead to no member of the layer', () => {
    const { list, links, shown } = linksOf(['opt/tool']);
    links.add('a', 'opt/tool');
    links.add('b', 'usr/bin/x');
    list.add('c');
    links.add('d', 'c');
    expect(shown()).toEqual(['b usr/bin/x']);
  });

  it('lead to the target of another link', () => {
    const { list, links, shown } = linksOf();
    for (const [path, target] of ['a x', 'b a', 'c b'].map((line) => line.split(' ') as [string, string])) {
      list.add(path);
      links.add(path, target);
    }
    links.drop('a');
    links.add('b', 'y');
    expect(shown()).toEqual(['c x', 'b y']);
  });

  it('are only counted beyond the limit; links to members of the layer do not count towards the limit', () => {
    const { links, shown } = linksOf(['m'], 20);
    for (let at = 0; at < 100; at += 1) links.add(`${at}`, 'm');
    links.add('a', 'x');
    expect([shown(), links.more()]).toEqual([['a x'], 0]);
    for (let at = 0; at < 100; at += 1) links.add(`${at}`, 'y');
    expect([shown().length, links.more()]).toEqual([10, 91]);
  });
});
