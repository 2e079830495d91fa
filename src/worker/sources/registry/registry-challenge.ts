/** One way in which a server wants to be asked (RFC 9110 section 11.6.1). Names of parameters are in lower case. */
export type Challenge = {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
};

/**
 * Reads a `www-authenticate` header, which may hold several challenges. Challenges of schemes that use no parameters
 * but a token (Negotiate) have none; what follows neither grammar is left out.
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

/** What stands between commas that are not quoted; a quotation that is never closed goes to the end. */
const ITEM = /(?:"(?:[^"\\]|\\.|\\$)*(?:"|$)|[^",])+/g;

/** A scheme, a parameter, or a scheme and its first parameter. */
const PART =
  /^(?:(?<scheme>[\w!#$%&'*+.^`|~-]+)(?:\s+|$))?(?:(?<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s"=]+))|[^\s=]+=*)?$/;
