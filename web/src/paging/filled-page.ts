/** The maximum number of empty pages to skip, after which the reader decides whether to continue. */
const MAX_PASSED = 20;

/** A page of an API list. `nextPage` is the token of the next page, or null on the last page. */
export type ListPage = { readonly nextPage: string | null };

/**
 * Requests pages of a list until a page has entries or the list ends, because even an empty page of a filtered list can
 * have a next page. After 20 skipped pages, the result can be an empty page.
 *
 * @param ask requests the page of a token or, without a token, the first page
 * @param start the token of the first page to request
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
