/** Matches `1.8.0_392-b08`, `1.8.0_392`, `1.7.0`. */
const BEFORE_9 =
  /^1\.([0-9]{1,2})\.([0-9]{1,4})(?:_([0-9]{1,9}))?(?:-(ea|internal|beta))?(?:-b([0-9]{1,9}))?(?![0-9A-Za-z._])/;

/** Matches `8u392-b08`, the name of a release. */
const RELEASE_NAME = /^([5-8])u([0-9]{1,9})(?:-(ea|internal|beta))?(?:-b([0-9]{1,9}))?(?![0-9A-Za-z._])/;

/** Matches `21.0.5+11-LTS`, `17.0.8.1+1`, `25-ea+30` (JEP 322), and `17.0.2-LTS`. */
const SINCE_9 =
  /^(?!1\.)([0-9]{1,9}(?:\.[0-9]{1,9}){0,7})(?:-(?:(ea|internal|beta)|LTS|BellSoft)(?=$|[-+])|(?!-))(?:\+([0-9]{1,9})?)?(?:-.{0,256})?$/;

/**
 * Returns the version of a Java runtime in the form of JEP 322, without the vendor's additions; undefined for any other
 * text, such as a version with an unknown pre-release word.
 */
export function javaVersion(text: string): string | undefined {
  const [old, feature = '', interim = '', update, early, build] = BEFORE_9.exec(text) ?? [];
  if (old !== undefined) return joined([feature, interim, withoutZeros(update ?? '0')].join('.'), early, build);
  const [named, major = '', minor = '', preview, step] = RELEASE_NAME.exec(text) ?? [];
  if (named !== undefined) return joined(`${major}.0.${withoutZeros(minor)}`, preview, step);
  const [modern, numbers = '', preRelease, buildNumber] = SINCE_9.exec(text) ?? [];
  return modern === undefined ? undefined : joined(numbers, preRelease, buildNumber);
}

function joined(numbers: string, preRelease: string | undefined, build: string | undefined): string {
  const pre = preRelease === undefined ? '' : `-${preRelease}`;
  return `${numbers}${pre}${build === undefined ? '' : `+${withoutZeros(build)}`}`;
}

function withoutZeros(digits: string): string {
  return digits.replace(/^0+(?=[0-9])/, '');
}
