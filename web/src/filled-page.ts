/** So many pages without an entry are passed by for one that has some; then the reader decides whether to look on. */
const MAX_PASSED = 20;

/** A page of a list of the API: its entries, and where the next page starts, or null. */
export type ListPage = { readonly nextPage: string | null };

/**
 * Asks for pages of a list until one has entries, or there are no more: a server that searches may answer a page with none, and
 * lead on all the same. What it gives may still be empty and lead on.
 *
 * @param ask asks for the page of a token, or for the first one
 * @param start the token of the page to begin with
 */
export async function filledPage<Page extends ListPage>(
  ask: (token: string | undefined) => Promise<Page>,
  isEmpty: (page: Page) => boolean,
  start: string | undefined,
): Promise<Page> {
  let page = await ask(start);
  for (let passed = 0; passed < MAX_PASSED && page.nextPage !== null && isEmpty(page); passed += 1) {
    page = await ask(page.nextPage);
  }
  return page;
}
