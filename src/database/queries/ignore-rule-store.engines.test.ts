import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type IgnoreEntry,
  MAX_ENDED_IGNORE_RULES,
  MAX_IGNORE_RULES,
  MAX_IGNORE_RULES_LENGTH,
} from '../../model/report/ignore-rule.ts';
import type { IgnoreRuleFilters } from '../contracts/ignore-rules.ts';
import type { Store } from '../contracts/store.ts';
import type { Engine, TransactionQueries } from '../engines/engine.ts';
import { openSqlite } from '../engines/sqlite/engine.ts';
import { openStore, storeOn } from '../open-store.ts';
import { ENGINES } from '../testing/stores.ts';

const ENTRY: IgnoreEntry = { id: ['CVE-1'], reason: 'r' };

const ACTIVE: IgnoreRuleFilters = { state: 'active', today: '2026-01-02' };

describe.each(ENGINES)('the ignore rules on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => await store.close());

  const add = async (name: string, entry: Partial<IgnoreEntry> = {}): Promise<unknown> =>
    await store.ignoreRules.add({ name, entry: { ...ENTRY, ...entry }, at: 5, by: 'jane' });

  const names = async (filters: Partial<IgnoreRuleFilters> = {}): Promise<string> => {
    const of = { ...ACTIVE, ...filters };
    const found = await store.ignoreRules.list(of, { before: undefined, limit: 100 });
    expect(await store.ignoreRules.count(of)).toBe(found.length);
    return found.map(({ name }) => name).join(' ');
  };

  it('are found by name, with the authors and times of their creation and end', async () => {
    const rule = { name: 'one', entry: ENTRY, createdAt: 5, createdBy: 'jane', endedAt: null, endedBy: null };
    expect(await add('one')).toEqual(rule);
    expect(await store.ignoreRules.find('one')).toEqual(rule);
    expect(await store.ignoreRules.find('two')).toBeUndefined();
    expect(await store.ignoreRules.end('one', 7, 'joe')).toBe(true);
    expect(await store.ignoreRules.find('one')).toEqual({ ...rule, endedAt: 7, endedBy: 'joe' });
    expect(await store.ignoreRules.end('one', 8, 'eve')).toBe(false);
    expect(await store.ignoreRules.end('two', 8, null)).toBe(false);
  });

  it('are listed by state, newest first', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    await add('today', { expires: '2026-01-02' });
    await add('expired', { expires: '2026-01-01' });
    await store.ignoreRules.end('b', 6, null);
    expect(await names()).toBe('today c a');
    expect(await names({ state: 'expired' })).toBe('expired');
    expect(await names({ state: 'ended' })).toBe('b');
    // Reports need expired rules too, because a matching expired rule is a diagnostic.
    expect((await store.ignoreRules.all()).map(({ name }) => name)).toEqual(['a', 'c', 'today', 'expired']);
  });

  it('are listed in pages', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    const first = await store.ignoreRules.list(ACTIVE, { before: undefined, limit: 2 });
    const second = await store.ignoreRules.list(ACTIVE, { before: first.at(-1)?.id, limit: 2 });
    expect([first, second].map((page) => page.map(({ name }) => name))).toEqual([['c', 'b'], ['a']]);
  });

  it.each([
    ['cve-2', 'ids'],
    ['OpenSSL', 'package'],
    ['team/app', 'image'],
    ['reachable', 'reason'],
    ['ÜNAL', 'author'],
    ['100%', 'percent'],
    ['a_b', 'underscore'],
    [String.raw`\\`, ''],
    ['"reason"', ''],
  ])('are searched for %s', async (search, expected) => {
    await add('ids', { id: ['CVE-1', 'CVE-2'] });
    await add('package', { package: 'openssl' });
    await add('image', { image: 'registry.example/team/app' });
    await add('reason', { reason: 'Not Reachable.' });
    await add('author', { author: 'ünal' });
    await add('percent', { reason: '100% sure' });
    await add('plain', { reason: '100 of axb' });
    await add('underscore', { reason: 'a_b' });
    expect(await names({ search })).toBe(expected);
  });

  it('increment their revision with each change, and the revision of the counts if they may affect every report', async () => {
    const revisions = async (): Promise<readonly number[]> => {
      const { rules, data: present } = await store.counts.revisions();
      expect(rules).toBe(await store.ignoreRules.revision());
      return [rules, present];
    };
    const [own = 0, data = 0] = await revisions();
    expect(own).toBe(0);
    await add('one');
    expect(await revisions()).toEqual([1, data + 1]);
    const reach = { ids: ['CVE-9'], packageName: null, includes: () => true };
    await store.ignoreRules.end('one', 6, null, () => reach);
    await store.ignoreRules.end('one', 6, null);
    expect(await revisions()).toEqual([2, data + 1]);
  });
});

describe('the bounds of ignore rules', () => {
  let engine: Engine;
  let store: Store;
  beforeEach(async () => {
    engine = await openSqlite();
    store = storeOn(engine);
  });
  afterEach(async () => await store.close());

  const add = async (name: string, reason = 'r'): Promise<unknown> =>
    await store.ignoreRules.add({ name, entry: { id: ['CVE-1'], reason }, at: 5, by: null });

  /** Stores rules in a single transaction, which is faster than a transaction for each rule. */
  async function insert(count: number, endedAt: number | null): Promise<void> {
    await engine.transaction(async (queries: TransactionQueries) => {
      for (let index = 0; index < count; index += 1) {
        await queries.run(
          `INSERT INTO ignore_rule (name, rule, searched, created_at, ended_at) VALUES (?, '{"reason":"r"}', 'r', 1, ?)`,
          [`${endedAt ?? 'active'}-${index}`, endedAt],
        );
      }
    });
  }

  it('limit the number of rules, without ended rules', async () => {
    await insert(MAX_IGNORE_RULES - 1, null);
    await add('last');
    const expected = { code: 'ignore-rule/limit-exceeded' };
    await expect(add('more')).rejects.toMatchObject(expected);
    await store.ignoreRules.end('last', 6, null);
    await add('more');
  });

  it('limit the total length of rules', async () => {
    await add('large', 'r'.repeat(MAX_IGNORE_RULES_LENGTH - 100));
    await expect(add('more', 'r'.repeat(100))).rejects.toMatchObject({ code: 'ignore-rule/limit-exceeded' });
    await add('small');
  });

  it('limit the total length of ended rules by removing the rules that ended first', async () => {
    const large = 'r'.repeat(MAX_IGNORE_RULES_LENGTH / 2 - 100);
    for (const [name, at] of [
      ['second', 7],
      ['first', 6],
      ['third', 8],
    ] as const) {
      await add(name, large);
      await store.ignoreRules.end(name, at, null);
    }
    const kept = await store.ignoreRules.list({ state: 'ended', today: '2026-01-02' }, { before: undefined, limit: 9 });
    expect(kept.map(({ name }) => name)).toEqual(['third', 'second']);
  });

  it('never remove the rule that just ended, however old it is', async () => {
    await add('old');
    await insert(MAX_ENDED_IGNORE_RULES, 3);
    expect(await store.ignoreRules.end('old', 6, null)).toBe(true);
    expect(await store.ignoreRules.find('old')).toMatchObject({ endedAt: 6 });
    expect(await store.ignoreRules.find('3-0')).toBeUndefined();
  });

  it('limit the number of ended rules by removing the rules that ended first', async () => {
    await insert(MAX_ENDED_IGNORE_RULES, 3);
    await add('new');
    await store.ignoreRules.end('new', 6, null);
    expect(await store.ignoreRules.count({ state: 'ended', today: '2026-01-02' })).toBe(MAX_ENDED_IGNORE_RULES);
    expect(await store.ignoreRules.find('3-0')).toBeUndefined();
    expect(await store.ignoreRules.find('3-1')).toBeDefined();
    expect(await store.ignoreRules.find('new')).toBeDefined();
  });
});
