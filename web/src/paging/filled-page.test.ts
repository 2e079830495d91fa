import { describe, expect, it } from 'vitest';
import { filledPage } from './filled-page.ts';

type NumberPage = { readonly entries: readonly number[]; readonly nextPage: string | null };

describe('the next page with entries', () => {
  it.each<[string, readonly (readonly number[])[], string | undefined, readonly (string | undefined)[], NumberPage]>([
    [
      'is the first page if the first page has entries',
      [[1], [2]],
      undefined,
      [undefined],
      { entries: [1], nextPage: '1' },
    ],
    ['comes after empty pages', [[], [], [3], []], undefined, [undefined, '1', '2'], { entries: [3], nextPage: '3' }],
    ['is searched from the current page', [[1], [], [3]], '1', ['1', '2'], { entries: [3], nextPage: null }],
    ['is the empty last page of an empty list', [[], []], undefined, [undefined, '1'], { entries: [], nextPage: null }],
  ])('%s', async (_what, pages, start, tokens, found) => {
    const asked: (string | undefined)[] = [];
    const ask = async (token: string | undefined): Promise<NumberPage> => {
      asked.push(token);
      const index = Number(token ?? 0);
      return { entries: pages[index] ?? [], nextPage: index + 1 < pages.length ? String(index + 1) : null };
    };
    expect(await filledPage(ask, ({ entries }) => entries.length === 0, start)).toEqual(found);
    expect(asked).toEqual(tokens);
  });

  it('is not searched beyond 20 empty pages', async () => {
    let asked = 0;
    const ask = async (): Promise<NumberPage> => ({ entries: [], nextPage: String((asked += 1)) });
    expect((await filledPage(ask, () => true, undefined)).nextPage).toBe('21');
    expect(asked).toBe(21);
  });
});
