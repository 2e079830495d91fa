import { describe, expect, it } from 'vitest';
import { pageWithNumber } from './numbered-pages.ts';

type Page = { readonly entries: readonly number[]; readonly nextPage: string | null };

const PAGES: Readonly<Record<string, Page>> = {
  first: { entries: [1, 2], nextPage: 'a' },
  a: { entries: [], nextPage: 'b' },
  b: { entries: [3], nextPage: 'c' },
  c: { entries: [4, 5], nextPage: null },
};

describe('a page with a number', () => {
  const FIRST = { token: undefined, before: 0 };

  async function pageOf(
    number: number,
    starts: { token: string | undefined; before: number }[] = [FIRST],
    total: number | null = null,
  ): Promise<{ readonly asked: readonly string[]; readonly found: object }> {
    const asked: string[] = [];
    const found = await pageWithNumber<Page>(
      starts,
      number,
      async (token = 'first') => {
        asked.push(token);
        return { page: PAGES[token]!, total };
      },
      ({ entries }) => entries.length,
    );
    return { asked, found };
  }

  it('is found by its predecessors, without empty pages', async () => {
    const starts = [FIRST];
    const second = { page: PAGES['b'], number: 2, before: 2, size: 1, total: 9 };
    expect(await pageOf(2, starts, 9)).toEqual({ asked: ['first', 'a', 'b'], found: second });
    expect(starts.map(({ token }) => token)).toEqual([undefined, 'a', 'c']);
    const third = { page: PAGES['c'], number: 3, before: 3, size: 2, total: 5 };
    expect(await pageOf(3, starts)).toEqual({ asked: ['c'], found: third });
    expect(await pageOf(1, starts)).toMatchObject({ asked: ['first'], found: { number: 1, total: null } });
  });

  it('replaces the known token of the next page, which can have expired', async () => {
    const starts = [FIRST, { token: 'expired', before: 2 }];
    await pageOf(1, starts);
    expect(starts[1]).toEqual({ token: 'a', before: 2 });
    expect(await pageOf(2, starts)).toMatchObject({ asked: ['a', 'b'] });
  });

  it('is the last page if the list is shorter, and is never behind the total', async () => {
    expect(await pageOf(9)).toMatchObject({ found: { page: PAGES['c'], number: 3, total: 5 } });
    expect(await pageOf(2, [FIRST], 1)).toMatchObject({ found: { total: 3 } });
  });
});
