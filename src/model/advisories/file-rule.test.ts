import { describe, expect, it } from 'vitest';
import { advisoryOfRule, fileRule, filesOfRule, normalPath } from './file-rule.ts';
import { filePredicate, watchedName } from './watched-file.ts';

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
    ['ä'.repeat(513), 'is longer than 1024 bytes'],
    ['a/'.repeat(65), 'has more than 64 segments'],
  ])('%j is refused', (path, reason) => {
    expect(normalPath(path)).toEqual({ reason });
    expect(() => fileRule({ ...WRITTEN, paths: [path] })).toThrow(reason);
  });
});

const SHA = 'ab'.repeat(32);
const OTHER_SHA = 'cd'.repeat(32);
const SHA_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const MANY = Array.from({ length: 51 }, (_, at) => `${at}`);

describe('the files of a rule', () => {
  it.each<[rule: Parameters<typeof filesOfRule>[0], names: readonly string[], state: string]>([
    [{ when: 'present', paths: ['a', 'b*'] }, ['a', 'b*'], 'present'],
    [{ when: 'absent', paths: [], digests: [`sha256:${SHA}`] }, [`sha256:${SHA}`], 'absent'],
    [{ when: 'present', paths: ['a b'], digests: [`sha256:${SHA}`] }, [`a b sha256:${SHA}`], 'present'],
    [{ when: 'changed', paths: ['a'], digests: [`sha256:${SHA}`] }, [`a not sha256:${SHA}`], 'present'],
  ])('%j', (rule, names, state) => {
    const files = filesOfRule(rule);
    expect(files).toEqual(names.map((name) => ({ name, state })));
    for (const { name } of files) expect(watchedName(filePredicate(name))).toBe(name);
  });
});

describe('a file rule', () => {
  it('accepts digests in capitals and without the algorithm', () => {
    const { digests } = fileRule({ id: 'E-1', digests: [SHA.toUpperCase(), `sha256:${SHA}`], severity: 'low' });
    expect(digests).toEqual([`sha256:${SHA}`]);
  });

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
    ['state', { when: 'gone' }, 'request/invalid'],
    ['change without a digest', { when: 'changed' }, 'request/invalid'],
    ['change at a pattern', { when: 'changed', paths: ['a*'], digests: [SHA] }, 'request/invalid'],
    ['digest', { digests: ['abc'] }, 'request/invalid'],
    ['digest of an empty file', { digests: [SHA_OF_NOTHING] }, 'request/invalid'],
    ['absence of two contents', { when: 'absent', digests: [SHA, OTHER_SHA] }, 'request/invalid'],
    ['number of pairs', { paths: MANY, digests: [SHA, OTHER_SHA] }, 'request/invalid'],
    ['pattern of every file', { paths: ['/*/*'] }, 'request/invalid'],
    ['pattern of too many parts', { paths: ['a*b*c*d*e*f*g*h*i*j'] }, 'request/invalid'],
    ['path that looks like a digest', { paths: [`sha256:${SHA}`] }, 'request/invalid'],
    ['path that looks like a change', { paths: ['a not'] }, 'request/invalid'],
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
