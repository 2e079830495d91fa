import { describe, expect, it } from 'vitest';
import { type PagedList, type PageStarts, pageWithNumber } from './numbered-pages.ts';

type Page = { readonly entries: readonly number[]; readonly nextPage: string | null };

const PAGES: Readonly<Record<string, Page>> = {
  first: { entries: [1, 2], nextPage: 'a' },
  a: { entries: [], nextPage: 'b' },
  b: { entries: [3], nextPage: 'c' },
  c: { entries: [4, 5], nextPage: null },
};

function sizeOf({ entries }: Page): number {
  return entries.length;
}

describe('a page with a number', () => {
  async function pageOf(
    number: number,
    starts: PageStarts = [],
    total: number | null = null,
  ): Promise<{ readonly asked: readonly string[]; readonly found: object }> {
    const asked: string[] = [];
    const load = async (token = 'first') => {
      asked.push(token);
      return { page: PAGES[token]!, total };
    };
    const found = await pageWithNumber<Page>(starts, number, { load, sizeOf, pageSize: 2, passedSize: 2 });
    return { asked, found };
  }

  it('is found by its predecessors, without empty pages', async () => {
    const starts: PageStarts = [];
    const second = { page: PAGES['b'], number: 2, before: 2, size: 1, total: 9 };
    expect(await pageOf(2, starts, 9)).toEqual({ asked: ['first', 'a', 'b'], found: second });
    expect(starts.map((start) => start?.token)).toEqual([undefined, 'a', 'c']);
    const third = { page: PAGES['c'], number: 3, before: 3, size: 2, total: 5 };
    expect(await pageOf(3, starts)).toEqual({ asked: ['c'], found: third });
    expect(await pageOf(1, starts)).toMatchObject({ asked: ['first'], found: { number: 1, total: null } });
  });

  it('replaces the known token of the next page, which can have expired', async () => {
    const starts: PageStarts = [undefined, { token: 'expired', before: 2 }];
    await pageOf(1, starts);
    expect(starts[1]).toEqual({ token: 'a', before: 2 });
    expect(await pageOf(2, starts)).toMatchObject({ asked: ['a', 'b'] });
  });

  it('is the last page if the list is shorter, and is never behind the total', async () => {
    expect(await pageOf(9)).toMatchObject({ found: { page: PAGES['c'], number: 3, total: 5 } });
    expect(await pageOf(2, [], 1)).toMatchObject({ found: { total: 3 } });
  });
});

describe('a page far from the start of a list', () => {
  /**
   * Returns a list of the multiples of `step` below `end`. A request searches at most `searched` numbers, so pages can
   * be short or empty.
   */
  function listOf(end: number, step = 1, searched = Number.MAX_SAFE_INTEGER) {
    const asked: string[] = [];
    const load: PagedList<Page>['load'] = async (token = '0', limit) => {
      asked.push(`${token}+${limit}`);
      const entries: number[] = [];
      let at = Number(token);
      for (; at < end && entries.length < limit && at - Number(token) < searched; at += 1) {
        if (at % step === 0) entries.push(at);
      }
      return { page: { entries, nextPage: at < end ? String(at) : null }, total: null };
    };
    const list: PagedList<Page> = { load, sizeOf, pageSize: 10, passedSize: 45 };
    return { asked, list };
  }

  it('is found with few requests for larger pages', async () => {
    const { asked, list } = listOf(100_000);
    const starts: PageStarts = [];
    expect(await pageWithNumber(starts, 12, list)).toMatchObject({ number: 12, before: 110, size: 10 });
    expect(asked).toEqual(['0+40', '40+40', '80+30', '110+10']);
    expect(await pageWithNumber(starts, 13, list)).toMatchObject({ number: 13, before: 120 });
    expect(asked.slice(4)).toEqual(['120+10']);
    expect(await pageWithNumber(starts, 11, list)).toMatchObject({ number: 11, before: 100 });
    expect(asked.slice(5)).toEqual(['80+20', '100+10']);
  });

  it('is the last page, with the exact total, if the list is shorter', async () => {
    for (const [end, number, before] of [
      [95, 10, 90],
      [80, 8, 70],
      [7, 1, 0],
      [81, 9, 80],
      [0, 1, 0],
    ] as const) {
      const { list } = listOf(end);
      expect(await pageWithNumber([], 1000, list)).toMatchObject({ number, before, total: end });
    }
  });

  it.each([
    [1000, 1, 1000],
    [1000, 3, 25],
    [1000, 7, 100],
    [1000, 400, 30],
    [1003, 1, 17],
  ])('is the same page as after all pages before it: %d numbers, every %dth, %d per request', async (...of) => {
    const { list } = listOf(...of);
    const starts: PageStarts = [];
    for (let number = 1; ; number += 1) {
      const inOrder = await pageWithNumber(starts, number, list);
      expect(await pageWithNumber([], number, list)).toEqual(inOrder);
      if (inOrder.page.nextPage === null) break;
    }
  });
});
