import { type TInteger, type TLiteral, type TOptional, type TString, type TUnion, Type } from 'typebox';
import { parseDuration } from './duration.ts';

/** A duration in Go's notation, which `parseDuration()` reads. */
export type Duration = string | 0;

/** Returns the schema of a duration key; the title of the schema contains `example`. */
export function durationKey(fallback: string, example: string, description: string): TUnion<[TString, TLiteral<0>]> {
  return Type.Union(durationForms(), { ...aboutDuration(example, description), default: fallback });
}

/** Returns the schema of a duration key without a constant default; `without` describes the default. */
export function optionalDurationKey(
  without: string,
  example: string,
  description: string,
): TOptional<TUnion<[TString, TLiteral<0>]>> {
  return Type.Optional(Type.Union(durationForms(), { ...aboutDuration(example, description), $comment: without }));
}

/** Returns the schema of a duration key that does not accept 0; the title of the schema contains `example`. */
export function positiveDurationKey(fallback: string, example: string, description: string): TString {
  const title = `a duration above 0, such as ${example}`;
  return Type.Refine(
    Type.String({ title, description, default: fallback }),
    (value) => (parseDuration(value) ?? 0) > 0,
  );
}

/** Returns the schema of a minimum download rate; `peers` names the servers that the rate applies to. */
export function rateKey(peers: string): TInteger {
  return Type.Integer({
    default: 1024,
    minimum: 0,
    maximum: 1_000_000_000,
    title: 'an integer from 0 to 1000000000',
    description: `Minimum rate of downloads from ${peers}, in bytes per second over 30 s; Clair aborts slower downloads; 0 for no limit`,
  });
}

/** Returns the schema of a text key without a constant default; `without` describes the default. */
export function textKey(title: string, description: string, without = 'none'): TOptional<TString> {
  return Type.Optional(Type.String({ minLength: 1, title, description, $comment: without }));
}

/** Returns the schema of a key for a file path. */
export function fileKey(description: string): TOptional<TString> {
  return textKey('the path of a file', description);
}

/**
 * Returns the schema of a secret, which Clair never prints. Each secret KEY needs a second key KEYfile ({@link
 * secretFileKey}) for the path of a file with the secret.
 */
export function secretKey(
  title: string,
  description: string,
  { accepts, without = 'none' }: { readonly accepts: (text: string) => boolean; readonly without?: string },
): TOptional<TString> {
  return Type.Optional(Type.Refine(Type.String({ writeOnly: true, title, description, $comment: without }), accepts));
}

/** Returns the schema of the key for the path of a file with the secret `name`. */
export function secretFileKey(name: string): TOptional<TString> {
  return fileKey(`File that contains the value of \`${name}\``);
}

/** Returns whether a text is a URL with one of the schemes, such as `https:`. */
export function isUrl(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol);
}

function durationForms(): [TString, TLiteral<0>] {
  return [Type.Refine(Type.String(), (value) => parseDuration(value) !== undefined), Type.Literal(0)];
}

function aboutDuration(example: string, description: string): { readonly title: string; readonly description: string } {
  return { title: `a duration such as ${example}`, description };
}
