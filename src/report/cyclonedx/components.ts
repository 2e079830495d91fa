import { isLibrary } from '../../model/package-kind.ts';
import type { Report, ReportPackage } from '../../model/report/report.ts';
import { imagePurl, hashOf } from '../writing/image-name.ts';
import { ownerWords } from '../writing/library-words.ts';
import { inventoryPurl, ownerIndexes, sourceParts } from '../writing/sbom-package.ts';
import { shortened } from '../writing/shortened.ts';
import { type Property, property, trivyProperty } from './properties.ts';

/** A CycloneDX component with the fields that Clair writes. */
export type Component = {
  readonly type: 'container' | 'operating-system' | 'library';
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: 'SHA-256' | 'SHA-512'; readonly content: string }[];
  readonly evidence?: { readonly occurrences: readonly { readonly location: string }[] };
  readonly properties?: readonly Property[];
};

/** The maximum length of a version in the standard, in characters. */
const MAX_VERSION = 1024;

/** Returns the component that represents the image of a report. @param ref the `bom-ref` of the component */
export function imageComponent({ target }: Report, ref: string): Component {
  const hash = hashOf(target.digest);
  return {
    type: 'container',
    'bom-ref': ref,
    name: target.reference,
    version: shortened(target.digest, MAX_VERSION),
    purl: imagePurl(target),
    ...(hash !== undefined && { hashes: [{ alg: `SHA-${hash.bits}`, content: hash.hex }] }),
  };
}

/**
 * Returns the references of the packages in order. A reference is the package URL. The second and each further package
 * with the same package URL also get a number.
 */
export function packageRefs({ packages }: Report, prefix: string): readonly string[] {
  const seen = new Map<string, number>();
  return packages.map(({ purl }) => {
    const count = (seen.get(purl) ?? 0) + 1;
    seen.set(purl, count);
    return `${prefix}${purl}${count === 1 ? '' : `#${count}`}`;
  });
}

/** Returns the components of the operating system and the packages. @param refs the result of {@link packageRefs} */
export function packageComponents(report: Report, refs: readonly string[], prefix: string): readonly Component[] {
  const { distribution, packages } = report;
  const system: readonly Component[] =
    distribution === null
      ? []
      : [
          {
            type: 'operating-system',
            'bom-ref': systemRef(prefix),
            name: distribution.id,
            version: shortened(distribution.version, MAX_VERSION),
            properties: [
              ...property('namespace', distribution.namespace),
              ...report.contentSets.flatMap((name) => property('contentSet', name)),
            ],
          },
        ];
  const ownerOf = ownerIndexes(report);
  const packageOf = (of: ReportPackage, index: number): Component => {
    const owner = ownerOf(of);
    return packageComponent(report, of, refs[index] ?? '', owner === undefined ? undefined : refs[owner]);
  };
  return [...system, ...packages.map(packageOf)];
}

function systemRef(prefix: string): string {
  return `${prefix}operating-system`;
}

/**
 * Returns the dependencies. The operating system and the libraries are parts of the image, and the packages of the
 * distribution are parts of the operating system.
 *
 * @param refs the result of {@link packageRefs}
 */
export function dependenciesOf(
  { distribution, packages }: Report,
  refs: readonly string[],
  prefix: string,
  image: string,
): readonly object[] {
  const refsOf = (kind: (of: ReportPackage) => boolean): readonly string[] =>
    packages.flatMap((each, index) => (kind(each) ? [refs[index] ?? ''] : []));
  if (distribution === null) return [{ ref: image, dependsOn: refs }];
  const system = systemRef(prefix);
  return [
    { ref: image, dependsOn: [system, ...refsOf(isLibrary)] },
    { ref: system, dependsOn: refsOf((each) => !isLibrary(each)) },
  ];
}

function packageComponent(report: Report, of: ReportPackage, ref: string, ownerRef: string | undefined): Component {
  const layer = report.layers[of.layer];
  const source = sourceParts(of);
  return {
    type: 'library',
    'bom-ref': ref,
    ...nameOf(of),
    ...(of.version !== '' && { version: shortened(of.version, MAX_VERSION) }),
    purl: inventoryPurl(report, of),
    ...(of.paths.length > 0 && { evidence: { occurrences: of.paths.map((location) => ({ location })) } }),
    properties: [
      ...property('package:type', of.type),
      ...property('package:arch', of.arch),
      ...(source === undefined ? [] : property('source:name', of.source.name)),
      ...(source === undefined ? [] : property('source:version', of.source.version)),
      ...(source === undefined ? trivyProperty('FilePath', of.paths[0]) : []),
      ...trivyProperty('SrcName', source?.name),
      ...trivyProperty('SrcVersion', source?.version),
      ...trivyProperty('SrcRelease', source?.release),
      ...trivyProperty('SrcEpoch', source?.epoch),
      ...property('package:flags', of.flags.join(',')),
      ...property('package:candidates', of.candidates.join(',')),
      ...property('owner', of.owner === null ? null : ownerWords(of.owner)),
      ...property('owner:ref', ownerRef),
      ...property('layer:index', of.layer),
      ...property('layer:digest', layer?.digest),
      ...property('layer:diffId', layer?.diffId),
      ...property('layer:origin', layer?.origin),
    ],
  };
}

/**
 * The separator between the group and the name, for the package types with names that consist of a group and a name.
 */
const SEPARATORS: ReadonlyMap<string, string> = new Map([
  ['composer', '/'],
  ['maven', ':'],
  ['npm', '/'],
]);

/** Returns the name of a package and, as the group, its scope (`@babel`), vendor or group. */
function nameOf({ type, name }: ReportPackage): Pick<Component, 'group' | 'name'> {
  const separator = SEPARATORS.get(type);
  const end = separator === undefined ? -1 : name.lastIndexOf(separator);
  return end > 0 ? { group: name.slice(0, end), name: name.slice(end + 1) } : { name };
}
