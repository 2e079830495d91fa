/** Returns the link of a feed if its scheme is http or https, or undefined for other links, such as `javascript:`. */
export function webAddress(link: string): string | undefined {
  return /^https?:\/\//i.test(link) ? link : undefined;
}
