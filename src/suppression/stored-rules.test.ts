import { describe, expect, it } from 'vitest';
import type { IgnoreEntry, StoredIgnoreRule } from '../model/report/ignore-rule.ts';
import { followStoredRules } from './followed-rules.ts';
import { checkNewRule } from './stored-rules.ts';

function stored(name: string, entry: IgnoreEntry): StoredIgnoreRule {
  return { name, entry, createdAt: 1, createdBy: null, endedAt: null, endedBy: null };
}

describe('the ignore rules in the database', () => {
  it('are read again only after a change', async () => {
    let [revision, reads] = [1, 0];
    let rules = [stored('one', { id: ['CVE-1'], reason: 'r', author: 'a', expires: '2026-01-02' })];
    const current = followStoredRules({
      revision: async () => revision,
      all: async () => {
        reads += 1;
        return rules;
      },
    });
    const expected = { by: 'ignore', ids: ['CVE-1'], reason: 'r', author: 'a', expires: '2026-01-02' };
    expect(await current()).toMatchObject({ isShared: true, rules: [{ ...expected, where: 'one in the database' }] });
    await current();
    expect(reads).toBe(1);
    [revision, rules] = [2, []];
    expect((await current()).rules).toEqual([]);
    expect(reads).toBe(2);
  });

  it('are not read before the first change', async () => {
    const all = async (): Promise<never> => {
      throw new Error('read');
    };
    expect(await followStoredRules({ revision: async () => 0, all })()).toEqual({ rules: [], isShared: true });
  });
});

describe('a stored rule that this release cannot read', () => {
  const entry = { id: ['CVE-1'], reason: 'r', package_version: '1' };
  const later = (name: string): StoredIgnoreRule => stored(name, entry);

  it('does not apply, and the other rules do', async () => {
    const all = async () => [later('new'), stored('one', { package: 'a', reason: 'r' })];
    expect(await followStoredRules({ revision: async () => 1, all })()).toMatchObject({
      rules: [{ place: 'one' }],
      diagnostics: [
        {
          code: 'suppression-unreadable',
          message: expect.stringMatching(/^not applied: 1 rule .*: new \(unknown key package_version/),
          where: 'ignore rules in the database',
        },
      ],
    });
  });

  it('is named in a short diagnostic', async () => {
    const all = async () => Array.from({ length: 5 }, (_, index) => later(`rule-${index}`));
    const { diagnostics = [] } = await followStoredRules({ revision: async () => 1, all })();
    expect(diagnostics[0]?.message).toMatch(/5 rules .*rule-0 .*; rule-1 .*; rule-2 .*; …$/);
    expect(diagnostics[0]?.message).not.toContain('rule-3');
  });
});

describe('a new ignore rule', () => {
  it.each<[object, string]>([
    [{ reason: 'r' }, 'an entry must have an id or a package'],
    [{ id: 'CVE-1' }, 'an entry must have a reason'],
    [{ id: [], reason: 'r' }, 'id must be a vulnerability ID or a list of 1 to 1000 IDs'],
    [{ id: 'CVE-1', reason: ' ' }, 'reason must be text of 1 to 2000 characters'],
    [{ package: 'pkg:no', reason: 'r' }, 'package must be a name or a package URL, such as pkg:deb/debian/openssl'],
    [{ package: 'a', layer: 'top', reason: 'r' }, 'layer must be base or own, or a digest (sha256:… or sha512:…)'],
    [{ package: 'a', reason: 'r', expires: '2026-02-30' }, 'expires must be a date such as 2026-12-31'],
    [{ package: 'a', reason: 'r', expires: '2026-01-01' }, 'expires is in the past: 2026-01-01'],
    [{ package: 'a', layer: 'top', image: '!' }, '; '],
  ])('%j is rejected', (entry, message) => {
    const expected = { code: 'ignore-rule/invalid', message: expect.stringContaining(message) };
    expect(() => checkNewRule(entry, '2026-01-02')).toThrow(expect.objectContaining(expected));
  });

  it('has at most 64 KiB, as in the API', () => {
    const ruleOf = (count: number): object => ({
      id: Array.from({ length: count }, () => 'x'.repeat(1000)),
      reason: 'r',
    });
    expect(() => checkNewRule(ruleOf(65), '2026-01-02')).not.toThrow();
    const expected = { code: 'ignore-rule/invalid', message: expect.stringContaining('the maximum is 65536') };
    expect(() => checkNewRule(ruleOf(66), '2026-01-02')).toThrow(expect.objectContaining(expected));
  });

  it('may end today', () => {
    expect(() => checkNewRule({ package: 'a', reason: 'r', expires: '2026-01-02' }, '2026-01-02')).not.toThrow();
  });
});
