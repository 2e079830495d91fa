import { invalidVersion } from '../keys/invalid-version.ts';

/**
 * The maximum length of a version. Composer has no limit; the longest version in Packagist's advisories has 15
 * characters.
 */
const MAX_VERSION_LENGTH = 1024;

/**
 * Matches the words for the stability of a version, as `modifierRegex` of Composer does, but without an ambiguous
 * repetition, which JavaScript could match in exponential time.
 */
const MODIFIER = String.raw`[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)(\d*(?:[.-]\d+)*))?([.-]?dev)?`;

const ONE_TO_FOUR_NUMBERS = new RegExp(String.raw`^v?(\d{1,5})(\.\d+)?(\.\d+)?(\.\d+)?${MODIFIER}$`, 'i');
const DATE = new RegExp(String.raw`^v?(\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3}){0,2})${MODIFIER}$`, 'i');
const NUMERIC_BRANCH = /^v?(\d+)(\.(?:\d+|[x*]))?(\.(?:\d+|[x*]))?(\.(?:\d+|[x*]))?$/i;

/** The number that replaces `x` in the version of a branch. */
const ANY_NUMBER = '9999999';

const LONG_WORDS: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['p', 'patch'],
  ['pl', 'patch'],
  ['rc', 'RC'],
]);

/**
 * Returns the normal form of a version, as VersionParser::normalize() of composer/semver 3.4 does. The form consists of
 * four numbers or a date, an optional word with numbers, and an optional `-dev`. The function rejects versions that
 * Composer rejects, characters that are not printable ASCII, and the names of branches (`dev-main`, `master`), because
 * Composer does not compare branches. The function accepts the branch of a release series (`1.x-dev`), in which `x`
 * counts as a high number.
 *
 * @throws ClairError `version/invalid`, whose message contains the version and the violated rule
 */
export function composerNormalForm(text: string): string {
  if (text.length > MAX_VERSION_LENGTH) throw invalidVersion(text, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const trimmed = text.replace(/^[ \t\n\r\v]+/, '').replace(/(?<![ \t\n\r\v])[ \t\n\r\v]+$/, '');
  if (/[^ -~]/.test(trimmed)) throw invalidVersion(text, 'contains a character that is not printable ASCII');

  const named = withoutAliasAndStability(trimmed);
  if (/^dev-/i.test(named) || /^(?:master|trunk|default)$/.test(named))
    throw invalidVersion(text, 'is a branch, which Composer does not compare with versions');

  const version = /^([^, +]+)\+[^ ]+$/.exec(named)?.[1] ?? named;
  const normal = numberedForm(version) ?? branchForm(version);
  if (normal === undefined) throw invalidVersion(text, 'is not a valid Composer version (example: 1.2.3-beta1)');
  return normal;
}

/** Removes the alias of a requirement (`1.0 as 2.0`) and a stability flag (`1.0@beta`). */
function withoutAliasAndStability(text: string): string {
  const version = /^([^, ]+) +as +[^, ]+$/.exec(text)?.[1] ?? text;
  return version.replace(/@(?:stable|rc|beta|alpha|dev)$/i, '');
}

function numberedForm(version: string): string | undefined {
  const numbered = ONE_TO_FOUR_NUMBERS.exec(version);
  if (numbered !== null) {
    const [, first = '', second = '.0', third = '.0', fourth = '.0', ...modifier] = numbered;
    return first + second + third + fourth + modifierForm(modifier);
  }
  const dated = DATE.exec(version);
  if (dated === null) return undefined;
  const [, date = '', ...modifier] = dated;
  return date.replaceAll(/\D/g, '.') + modifierForm(modifier);
}

/**
 * Returns the normal form of a modifier. Like Composer, the function removes `stable` and everything after it, but only
 * if `stable` is in lower case.
 */
function modifierForm([word = '', numbers = '', dev = '']: readonly (string | undefined)[]): string {
  if (word === 'stable') return '';
  const lower = word.toLowerCase();
  const stability = word === '' ? '' : `-${LONG_WORDS.get(lower) ?? lower}${numbers.replace(/^[.-]+/, '')}`;
  return stability + (dev === '' ? '' : '-dev');
}

/** Returns the normal form of the branch of a release series, such as `1.x-dev`, or undefined for any other branch. */
function branchForm(version: string): string | undefined {
  const branch = /^(.*?)[.-]?dev$/i.exec(version)?.[1]?.trim();
  const found = branch === undefined ? null : NUMERIC_BRANCH.exec(branch);
  if (found === null) return undefined;
  const [, first = '', second = '.x', third = '.x', fourth = '.x'] = found;
  return `${`${first}${second}${third}${fourth}`.replaceAll(/[x*]/gi, ANY_NUMBER)}-dev`;
}
