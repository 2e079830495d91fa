import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Feature, LibraryPackage, SystemPackage } from '../model/feature.ts';
import type { PurlDistribution } from './ecosystem.ts';
import { ECOSYSTEMS, ecosystemOf, featureOfPurl, traitsOf } from './index.ts';
import { parsePackageUrl } from './package-url.ts';

const DISTRIBUTIONS: Readonly<Record<string, PurlDistribution>> = {
  apk: { id: 'alpine', namespace: 'alpine:v3.20', version: '3.20.3' },
  deb: { id: 'debian', namespace: 'debian:12', version: '12' },
  rpm: { id: 'rhel', namespace: 'rhel:9', version: '9.4' },
};

const WORD = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.+_~-]{0,12}$/);
const VERSION = fc.stringMatching(/^\d{1,3}[A-Za-z0-9.+_~]{0,8}$/);
const RELEASE = fc.stringMatching(/^[1-9][A-Za-z0-9.+_~]{0,6}$/);

/** Generates features of a type in the form that detectors return. */
function features(type: string): fc.Arbitrary<Feature> {
  if (type === 'rpm') return rpms();
  if (type === 'deb' || type === 'apk') return systems(type);
  const name = NAMES[type] ?? WORD;
  const parts = { name, version: fc.option(VERSION, { nil: '' }) };
  if (type === 'generic' || type === 'nuget') {
    const either = fc.tuple(fc.record(parts), fc.option(WORD, { nil: undefined }));
    return either.map(([of, matchedAs]) => ({ type, ...of, ...(matchedAs !== undefined && { matchedAs }) }));
  }
  if (type === 'maven') return fc.oneof(libraries(type, parts), uncertain());
  return libraries(type, parts);
}

const GROUPED = fc.tuple(WORD, WORD);
const COORDINATE = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
const NAMES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  maven: fc.tuple(COORDINATE, COORDINATE).map((each) => each.join(':')),
  npm: fc.oneof(
    WORD,
    GROUPED.map(([scope, name]) => `@${scope}/${name}`),
  ),
  golang: fc.array(WORD, { minLength: 1, maxLength: 4 }).map((each) => each.join('/')),
  composer: GROUPED.map((each) => each.join('/').toLowerCase()),
  pypi: fc.stringMatching(/^[a-z0-9]+(?:-[a-z0-9]+){0,2}$/),
  otp: fc.oneof(fc.constant('stdlib'), fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/)),
};

function libraries(
  type: string,
  parts: { readonly name: fc.Arbitrary<string>; readonly version: fc.Arbitrary<string> },
) {
  return fc.record(parts).map((of): LibraryPackage => ({ type, ...of }));
}

function uncertain(): fc.Arbitrary<LibraryPackage> {
  const candidates = fc.uniqueArray(NAMES['maven'] ?? WORD, { minLength: 1, maxLength: 3 });
  return fc.tuple(WORD, VERSION, candidates).map(([name, version, names]) => {
    return { type: 'maven', name, version, candidates: names.toSorted() };
  });
}

function systems(type: 'deb' | 'apk'): fc.Arbitrary<SystemPackage> {
  const parts = {
    name: WORD,
    version: VERSION,
    arch: fc.constantFrom('amd64', ''),
    sourceName: WORD,
    sourceVersion: VERSION,
  };
  const vendor = fc.option(fc.constantFrom('nginx.org', 'Docker'), { nil: undefined });
  return fc.tuple(fc.record(parts), vendor).map(([{ name, version, arch, ...source }, by]) => {
    const from = { name: source.sourceName, version: source.sourceVersion };
    return { type, name, version, arch, source: from, ...(by !== undefined && { vendor: by }) };
  });
}

function rpms(): fc.Arbitrary<SystemPackage> {
  const name = fc.array(WORD, { minLength: 1, maxLength: 3 }).map((each) => each.join('-'));
  const version = fc.tuple(VERSION, RELEASE).map((each) => each.map((part) => part.replaceAll('-', '')).join('-'));
  return fc
    .record({
      name,
      version,
      epoch: fc.constantFrom('', '1:', '32:'),
      source: fc.record({ name, version }),
      vendor: fc.constantFrom({}, { vendor: 'Red Hat, Inc.' }, { vendor: 'NGINX Packaging' }),
      module: fc.constantFrom({}, { module: 'nodejs:20:9:abc' }, { module: 'perl:5.32' }),
    })
    .map(({ name: of, version: at, epoch, source, vendor, module }) => {
      return { type: 'rpm', name: of, version: `${epoch}${at}`, arch: 'x86_64', source, ...vendor, ...module };
    });
}

// No package URL is read as a file, because only the layers of an image show which files the image has.
const NAMED = ECOSYSTEMS.filter(({ type }) => type !== 'file');

describe.each(NAMED.map(({ type }) => type))('a feature of %s', (type) => {
  const distribution = DISTRIBUTIONS[type] ?? null;

  it('matches the same advisories after it was written as a package URL and read', () => {
    fc.assert(
      fc.property(features(type), (feature) => {
        const purl = ecosystemOf(feature).purl(feature, distribution);
        const parsed = parsePackageUrl(purl);
        const read = parsed && featureOfPurl(parsed);
        if (read === undefined) throw new Error(`${purl} names no feature`);
        expect(ecosystemOf(read).purl(read, distribution)).toBe(purl);
        expect(judgedAs(read, distribution)).toEqual(judgedAs(feature, distribution));
      }),
    );
  });
});

/**
 * Returns the properties that determine which advisories affect a feature, and the position of the feature in their
 * ranges.
 */
function judgedAs(feature: Feature, distribution: PurlDistribution | null) {
  const ecosystem = ecosystemOf(feature);
  const namespace = ecosystem.namespaceOf(feature, distribution?.namespace ?? '');
  return { scheme: ecosystem.scheme, namespace, lines: ecosystem.lines(feature), traits: traitsOf(feature) };
}
