import type { SbomFacts } from '../sbom-document.ts';

/** A fact under the name that a tool uses, such as `aquasecurity:trivy:SrcName`. */
export type NamedFact = { readonly name: string; readonly value: string };

/** Further values with the same name, such as paths, are dropped. */
const MAX_VALUES = 1000;

/**
 * Returns the facts that Clair, Syft and Trivy write as properties (CycloneDX) or attribution texts and annotations
 * (SPDX). Trivy reads only its own names, and Grype reads only Syft's names, so each tool loses the facts that the
 * other tool writes.
 */
export function namedFacts(properties: readonly NamedFact[]): SbomFacts {
  const values = new Map<string, string[]>();
  for (const { name, value } of properties) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else if (known.length < MAX_VALUES) known.push(value);
  }
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => values.get(name)?.[0] ?? '').find((value) => value !== '');
  const paths = [...values].flatMap(([name, of]) => (PATHS.test(name) ? of : []));
  const release = {
    ...given('id', first('syft:distro:id')),
    ...given('version', first('syft:distro:versionID')),
    ...given('codename', first('syft:distro:versionCodename')),
  };
  const source = sourceOf(first);
  const contentSets = values.get('clair:contentSet');
  return {
    ...(source !== undefined && { source }),
    ...given('sourceFile', first('syft:metadata:sourceRpm')),
    ...given('epoch', first('syft:metadata:epoch')),
    ...given('module', first('syft:metadata:modularityLabel', 'aquasecurity:trivy:Modularitylabel')),
    ...(paths.length > 0 && { paths }),
    ...given('flags', first('clair:package:flags')),
    ...given('owner', first('clair:owner')),
    ...(Object.keys(release).length > 0 && { release }),
    ...given('namespace', first('clair:namespace')),
    ...(contentSets !== undefined && { contentSets }),
  };
}

const PATHS = /^(?:clair:path|aquasecurity:trivy:FilePath|syft:location:\d{1,4}:path)$/;

function sourceOf(first: (...names: readonly string[]) => string | undefined): SbomFacts['source'] {
  const own = first('clair:source:name', 'syft:metadata:source', 'syft:metadata:originPackage');
  const ownVersion = first('clair:source:version', 'syft:metadata:sourceVersion');
  if (own !== undefined) return { name: own, ...given('version', ownVersion) };
  const name = first('aquasecurity:trivy:SrcName');
  if (name === undefined) return undefined;
  const version = first('aquasecurity:trivy:SrcVersion');
  const [epoch, release] = [first('aquasecurity:trivy:SrcEpoch'), first('aquasecurity:trivy:SrcRelease')];
  if (version === undefined) return { name };
  return {
    name,
    version: `${epoch === undefined || epoch === '0' ? '' : `${epoch}:`}${version}${release === undefined ? '' : `-${release}`}`,
  };
}

/** Returns an object with the field; an empty object for an absent or empty value. */
export function given<Key extends string>(key: Key, value: string | undefined): { readonly [Name in Key]?: string } {
  const fields: { [Name in Key]?: string } = {};
  if (value !== undefined && value !== '') fields[key] = value;
  return fields;
}

/** Returns the fact in a text `KEY: VALUE`, as Trivy and Clair write facts into SPDX; undefined for other text. */
export function factOfText(text: string): NamedFact | undefined {
  const [, name, value] = /^((?:clair|aquasecurity:trivy|syft):[A-Za-z0-9:]{1,64}): (.*)$/s.exec(text) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}
