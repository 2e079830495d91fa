/** One authentication challenge of a server (RFC 9110 section 11.6.1). Parameter names are in lower case. */
export type Challenge = {
  /** The scheme in lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
};

/**
 * Parses a `www-authenticate` header of one or several challenges. Schemes with a token instead of parameters
 * (Negotiate) have no parameters in the result; malformed parts are skipped.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [item] of header.matchAll(ITEM)) {
    const { scheme, name, quoted, token } = PART.exec(item.trim())?.groups ?? {};
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
    const challenge = challenges.at(-1);
    if (challenge === undefined || name === undefined || value === undefined) continue;
    challenge.parameters[name.toLowerCase()] ??= value;
  }
  return challenges;
}

/** Matches text between unquoted commas; an unclosed quotation extends to the end. */
const ITEM = /(?:"(?:[^"\\]|\\.|\\$)*(?:"|$)|[^",])+/g;

/** Matches a scheme, a parameter, or a scheme and its first parameter. */
const PART =
  /^(?:(?<scheme>[\w!#$%&'*+.^`|~-]+)(?:\s+|$))?(?:(?<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s"=]+))|[^\s=]+=*)?$/;
