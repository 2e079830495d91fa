/** Returns the link of a feed if it is http or https; undefined for other links, such as `javascript:`. */
export function webAddress(link: string): string | undefined {
  return /^https?:\/\//i.test(link) ? link : undefined;
}
