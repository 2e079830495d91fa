import { type TInteger, type TLiteral, type TOptional, type TString, type TUnion, Type } from 'typebox';
import { parseDuration } from './duration.ts';

/** A duration as Go writes it, which `parseDuration()` reads. */
export type Duration = string | 0;

/** A key whose value is a duration; `example` is written in its title. */
export function durationKey(fallback: string, example: string, description: string): TUnion<[TString, TLiteral<0>]> {
  const text = Type.Refine(Type.String(), (value) => parseDuration(value) !== undefined);
  const title = `a duration such as ${example}`;
  return Type.Union([text, Type.Literal(0)], { default: fallback, title, description });
}

/** A key whose value is the rate below which a download is cut off; `peers` says whose. */
export function rateKey(peers: string): TInteger {
  return Type.Integer({
    default: 1024,
    minimum: 0,
    maximum: 1_000_000_000,
    title: 'bytes a second, as an integer from 0 to 1000000000',
    description: `rate that ${peers} must send at, over 30 s; slower downloads are cut off; 0 for no limit`,
  });
}

/** A key whose value is a text that no constant stands for; `without` says what holds then. */
export function textKey(title: string, description: string, without = 'none'): TOptional<TString> {
  return Type.Optional(Type.String({ minLength: 1, title, description, $comment: without }));
}

/** A key that names a file. */
export function fileKey(description: string): TOptional<TString> {
  return textKey('the path of a file', description);
}

/**
 * A key whose value is for nobody's eyes. Beside each there is one that names a file with the same content, whose name is
 * that of the key with `file` behind it.
 */
export function secretKey(
  title: string,
  description: string,
  { accepts, without = 'none' }: { readonly accepts: (text: string) => boolean; readonly without?: string },
): TOptional<TString> {
  return Type.Optional(Type.Refine(Type.String({ writeOnly: true, title, description, $comment: without }), accepts));
}

/** The key beside the secret of that name. */
export function secretFileKey(name: string): TOptional<TString> {
  return fileKey(`file whose content is \`${name}\`, so that it stands nowhere else`);
}

/** Whether a text is a URL with one of the schemes, such as `https:`. */
export function isUrl(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol);
}
