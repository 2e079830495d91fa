import * as fc from 'fast-check';
import { compareBySemver, SEMVER_PIECES, semverVersions } from './semver-rule.ts';

/**
 * Compares two valid versions of modules or toolchains without keys. Rewrites both versions to three numbers and a
 * pre-release first.
 */
export function compareByGolang(a: string, b: string): number {
  return compareBySemver(asSemver(a), asSemver(b));
}

function asSemver(version: string): string {
  const withoutSuffix = version
    .replace(/^v/, '')
    .replace(/(?: |-X:).*$/, '')
    .replace(/^go([^-]*).*$/, '$1')
    .replace(/\+.*$/, '');
  const hyphen = withoutSuffix.indexOf('-');
  const release = hyphen < 0 ? withoutSuffix : withoutSuffix.slice(0, hyphen);
  const preRelease = hyphen < 0 ? '' : withoutSuffix.slice(hyphen);
  const [numbers = '', kind = '', count = ''] = /^([\d.]+)([a-z]*)(\d*)$/.exec(release)?.slice(1) ?? [];
  const three = [...numbers.split('.'), '0', '0'].slice(0, 3).join('.');
  return three + (kind === '' ? preRelease : `-${kind}${count === '' ? '' : `.${count}`}`);
}

/** Texts for small changes that produce a similar version of a module. */
export const MODULE_PIECES: readonly string[] = [...SEMVER_PIECES, '+incompatible', '-0.20240101000000-abcdefabcdef'];

/** Generates versions of modules, some of which are pseudo-versions. A few versions are invalid. */
export function moduleVersions(): fc.Arbitrary<string> {
  const short = fc
    .tuple(fc.constantFrom('v', ''), fc.constantFrom('0', '1', '2', '10', '01'), fc.constantFrom('', '.0', '.1', '.10'))
    .map((texts) => texts.join(''));
  const pseudo = fc
    .tuple(
      fc.constantFrom('v0.0.0', 'v1.0.0', 'v1.0.1', 'v1.1.0', 'v2.0.0'),
      fc.constantFrom('-', '-0.', '-pre.0.', '-rc.1.0.'),
      fc.constantFrom('20190101000000', '20200101000000', '20200101000001', '20240229235959'),
      fc.constantFrom('-000000000000', '-0123456789ab', '-abcdefabcdef'),
      fc.constantFrom('', '+incompatible', '+dirty'),
    )
    .map((texts) => texts.join(''));
  return fc.oneof(
    { weight: 1, arbitrary: short },
    { weight: 2, arbitrary: pseudo },
    { weight: 5, arbitrary: semverVersions() },
  );
}

/** Texts for small changes that produce a similar version of a toolchain. */
export const TOOLCHAIN_PIECES: readonly string[] = [
  '',
  '0',
  '1',
  '2',
  '.',
  '.0',
  '.1',
  'rc',
  'rc1',
  'beta',
  'beta2',
  'go',
  '-b',
];

/** Generates versions of toolchains, a few of which are invalid. */
export function toolchainVersions(): fc.Arbitrary<string> {
  const kind = fc
    .tuple(fc.constantFrom('alpha', 'beta', 'rc', 'pre', 'b'), mostly(['1', '2', '3', '9', '10'], ['', '0', '02']))
    .map((texts) => texts.join(''));
  return fc
    .tuple(
      mostly(['go'], ['', 'v', 'Go']),
      mostly(['1'], ['2', '01']),
      fc.constantFrom('', '.0', '.1', '.2', '.9', '.10', '.18', '.19', '.20', '.21', '.22', '.25', '.100'),
      fc.oneof(mostly(['', '.0', '.1', '.2', '.9', '.10', '.12'], ['.01', '.99999999999']), kind),
      mostly([''], ['-bigcorp', '-X:boringcrypto', ' X:strictfipsruntime', ' (Red Hat 1.20.12-1)']),
    )
    .map((texts) => texts.join(''));
}

/** Generates a text of `usual` in nine of ten cases, and otherwise a text of `others`. */
function mostly(usual: readonly string[], others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}
