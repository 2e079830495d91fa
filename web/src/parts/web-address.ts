/** A link that a feed gives, if it leads to the web; undefined for one that would run something in the page, or is none. */
export function webAddress(link: string): string | undefined {
  return /^https?:\/\//i.test(link) ? link : undefined;
}
