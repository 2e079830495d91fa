import { semver } from '../../versions/semver.ts';

/**
 * Matches the numbers of a version, and a pre-release in the forms that projects use, such as `3.13.0rc1`, `17beta2` or
 * `16.0-alpha-1`. Does not match an unknown word after a tilde, because a version with a tilde sorts before the release
 * (Debian Policy, 5.6.12).
 */
const FORM =
  /^v?([0-9]{1,64})(?:\.([0-9]{1,64}))?(?:\.([0-9]{1,64}))?((?:\.[0-9]{1,64}){0,8})(?:[-._~]?(alpha|beta|rc|cr|pre|preview|dev|ea|snapshot|milestone|nightly|[abcm](?=[0-9]))[-._]?([0-9]{0,64}))?(?![0-9.~])/i;

const STAGES: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', c: 'rc' };

/**
 * Converts a version of a program or application to the form of Semantic Versioning, which advisories use. For example,
 * `16.1` becomes `16.1.0`. Vendor additions, a fourth number and patch letters are omitted. `9.3.2.1` and `9.3.2p` are
 * above 9.3.2 and below 9.3.3, so a half-open range between versions of three numbers contains either 9.3.2 and both
 * versions, or none of the three.
 * A version without a leading number, or with an unknown word after a tilde, remains unchanged and cannot be compared.
 */
export function semanticForm(version: string): string {
  if (semver.keyOf(version) !== undefined) return version;
  const [found, major = '', minor = '0', patch = '0', further = '', word, number = ''] = FORM.exec(version) ?? [];
  if (found === undefined) return version;
  const release = `${major}.${minor}.${patch}`;
  if (word === undefined || /[1-9]/.test(further)) return release;
  const stage = word.toLowerCase();
  return `${release}-${STAGES[stage] ?? stage}${number === '' ? '' : `.${number}`}`;
}
