import { describe, expect, it } from 'vitest';
import { advisoryOfRule, fileRule, normalPath } from './file-rule.ts';

const WRITTEN = { id: 'EVIL-1', paths: ['/opt/evil'], severity: 'high' };

describe('a path of a file rule', () => {
  it.each([
    ['/etc/evil', 'etc/evil'],
    ['etc/evil/', 'etc/evil'],
    ['./etc//./evil', 'etc/evil'],
    ['/.hidden..', '.hidden..'],
  ])('%s is normalised', (path, normal) => {
    expect(normalPath(path)).toEqual({ path: normal });
  });

  it.each([
    ['', 'names no file'],
    ['/./', 'names no file'],
    ['/etc/../evil', 'contains ".."'],
    ['a\0b', 'contains a NUL character'],
    ['ä'.repeat(513), 'has more than 1024 bytes'],
    ['a/'.repeat(65), 'has more than 64 names'],
  ])('%j is refused', (path, reason) => {
    expect(normalPath(path)).toEqual({ reason });
    expect(() => fileRule({ ...WRITTEN, paths: [path] })).toThrow(reason);
  });
});

describe('a file rule', () => {
  it('has defaults, and each path once in order', () => {
    expect(fileRule({ ...WRITTEN, paths: ['b', '/a', 'b/'] })).toEqual({
      id: 'EVIL-1',
      when: 'present',
      paths: ['a', 'b'],
      severity: 'High',
      description: '',
      link: '',
    });
  });

  it.each<[what: string, written: Partial<Parameters<typeof fileRule>[0]>, code: string]>([
    ['name', { id: 'a b' }, 'request/invalid'],
    ['state', { when: 'changed' }, 'request/invalid'],
    ['list of no paths', { paths: [] }, 'request/invalid'],
    ['list of 101 paths', { paths: Array.from({ length: 101 }, (_, at) => `${at}`) }, 'request/invalid'],
    ['severity', { severity: 'Awful' }, 'severity/invalid'],
    ['description', { description: 'x'.repeat(8193) }, 'request/invalid'],
    ['link', { link: 'x'.repeat(2049) }, 'request/invalid'],
  ])('with an invalid %s is refused', (_, written, code) => {
    expect(() => fileRule({ ...WRITTEN, ...written })).toThrow(expect.objectContaining({ code }));
  });

  it('is an advisory with a range for each file', () => {
    const rule = fileRule({ ...WRITTEN, paths: ['a', 'b'], description: 'bad', link: 'https://x.test' });
    const range = { namespace: 'file', introduced: 'present', severity: 'High', status: 'open' };
    expect(advisoryOfRule(rule)).toEqual({
      id: 'EVIL-1',
      description: 'bad',
      link: 'https://x.test',
      affected: ['a', 'b'].map((name) => ({ ...range, package: name })),
    });
    expect(advisoryOfRule({ ...rule, when: 'absent' }).affected[0]).toEqual({
      namespace: 'file',
      package: 'a',
      lastAffected: 'absent',
      severity: 'High',
      status: 'open',
    });
  });
});
