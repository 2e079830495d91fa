/** Returns the query string for the page of a token, or for the first page without a token. */
export function withPage(query: Readonly<Record<string, string>>, token: string | undefined): string {
  return new URLSearchParams({ ...query, ...(token !== undefined && { page: token }) }).toString();
}
