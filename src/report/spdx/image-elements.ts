import type { Report, ReportLayer, ReportPackage, ReportFinding } from '../../model/report/report.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { isInKernelHeaders } from '../../model/report/finding-class.ts';
import { severityText } from '../../model/severity.ts';
import { dataWords, reachabilityWords, remedyOf, suppressionWords, undecidedWords } from '../writing/finding-words.ts';
import { groupedBy } from '../writing/grouped.ts';
import { imagePurl, hashOf } from '../writing/image-name.ts';
import { noteWords, ownerWords } from '../writing/library-words.ts';
import { inventoryPurl, ownerIndexes } from '../writing/sbom-package.ts';
import { printable } from '../../model/printable.ts';
import { webAddress } from '../writing/web-address.ts';
import { annotation } from './annotation.ts';

/** Returns the elements of an image, its operating system, its layers and its packages, and their relationships. */
export function imageElements(
  report: Report,
  index: number,
): { readonly packages: readonly object[]; readonly relationships: readonly object[] } {
  const image = `SPDXRef-image-${index}`;
  const layerId = (layer: number): string => `SPDXRef-layer-${index}-${layer}`;
  const packageId = (at: number): string => `SPDXRef-package-${index}-${at}`;
  const systemId = `SPDXRef-OperatingSystem-${index}`;
  const remarks = remarksOf(report);
  const ownerOf = ownerIndexes(report);
  const hasSystem = report.distribution !== null;
  return {
    packages: [
      imageElement(report, image, remarks),
      ...(hasSystem ? [systemElement(report, systemId)] : []),
      ...report.layers.map((layer) => layerElement(layer, layerId(layer.index))),
      ...report.packages.map((each, at) => packageElement(report, each, packageId(at), remarks)),
    ],
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', image),
      ...(hasSystem ? [relationship(image, 'CONTAINS', systemId)] : []),
      ...report.layers.map((layer) => relationship(image, 'CONTAINS', layerId(layer.index))),
      ...report.packages.flatMap((each, at) => {
        const owner = ownerOf(each);
        const parents = [
          image,
          ...(hasSystem && !isLibrary(each) ? [systemId] : []),
          ...(report.layers[each.layer] === undefined ? [] : [layerId(each.layer)]),
          ...(owner === undefined ? [] : [packageId(owner)]),
        ];
        return parents.map((parent) => relationship(parent, 'CONTAINS', packageId(at)));
      }),
    ],
  };
}

function relationship(from: string, type: 'DESCRIBES' | 'CONTAINS', to: string): object {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}

/** The fields about licences, copyright, suppliers, files and download locations, which Clair does not determine. */
const NOT_KNOWN = {
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
  copyrightText: 'NOASSERTION',
  supplier: 'NOASSERTION',
} as const;

function imageElement(report: Report, id: string, remarks: Remarks): object {
  const { target, distribution, feeds, layersVerified } = report;
  const listed = new Set(report.packages.map(keyOf));
  // The remarks about the files of file rules; these files are not packages.
  const ofFiles = [...remarks].filter(([key]) => !listed.has(key)).map(([, each]) => each);
  return {
    SPDXID: id,
    name: printable(target.reference) || 'image',
    versionInfo: target.digest,
    ...NOT_KNOWN,
    ...checksumOf(target.digest),
    primaryPackagePurpose: 'CONTAINER',
    externalRefs: [purlRef(imagePurl(target)), ...ofFiles.flatMap(({ refs }) => refs)],
    annotations: [
      annotation(report, `platform ${target.platform}; distribution ${distribution?.namespace ?? 'unknown'}`),
      ...(layersVerified ? [] : [annotation(report, 'the digests of the layers are not verified')]),
      ...feeds.filter(({ isUsed }) => isUsed).map((feed) => annotation(report, `feed ${dataWords(feed)}`)),
      ...ofFiles.flatMap(({ texts }) => texts).map((text) => annotation(report, text)),
    ],
  };
}

/** Returns the element from which other tools determine the distribution; Trivy recognises the element by its ID. */
function systemElement({ distribution, contentSets }: Report, id: string): object {
  const namespace = distribution === null ? [] : [attribution('namespace', distribution.namespace)];
  const texts = [...namespace, ...contentSets.map((name) => attribution('contentSet', name))];
  return {
    SPDXID: id,
    name: printable(distribution?.id ?? '') || 'unknown',
    versionInfo: distribution?.version ?? '',
    ...NOT_KNOWN,
    primaryPackagePurpose: 'OPERATING_SYSTEM',
    attributionTexts: texts,
  };
}

/** Returns a property without a field in the standard, in the form in which Trivy writes such properties. */
function attribution(name: string, value: string): string {
  return `clair:${name}: ${printable(value)}`;
}

function layerElement({ index, digest, diffId, createdBy, origin, size }: ReportLayer, id: string): object {
  const comment = [`diffId ${diffId}`, `origin ${origin}`, ...(size === null ? [] : [`${size} bytes`]), createdBy];
  return {
    SPDXID: id,
    name: `layer ${index}`,
    versionInfo: digest,
    ...NOT_KNOWN,
    ...checksumOf(digest),
    primaryPackagePurpose: 'ARCHIVE',
    comment: printable(comment.join('; ')),
  };
}

function packageElement(report: Report, of: ReportPackage, id: string, remarks: Remarks): object {
  const { refs, texts } = remarks.get(keyOf(of)) ?? { refs: [], texts: [] };
  const facts = attributionsOf(of);
  return {
    SPDXID: id,
    name: printable(of.name) || 'unnamed',
    versionInfo: of.version,
    ...NOT_KNOWN,
    primaryPackagePurpose: 'LIBRARY',
    sourceInfo: printable(sourceWords(of)),
    externalRefs: [purlRef(inventoryPurl(report, of)), ...refs],
    ...(facts.length > 0 && { attributionTexts: facts }),
    ...(texts.length > 0 && { annotations: texts.map((text) => annotation(report, text)) }),
  };
}

function attributionsOf({ paths, flags, owner }: ReportPackage): readonly string[] {
  return [
    ...paths.map((path) => attribution('path', path)),
    ...(flags.length === 0 ? [] : [attribution('package:flags', flags.join(','))]),
    ...(owner === null ? [] : [attribution('owner', ownerWords(owner))]),
  ];
}

/**
 * Returns the source package in the form that Trivy reads. For a library, returns the type, the paths, the flags, the
 * candidates, the owner and the layer.
 */
function sourceWords(of: ReportPackage): string {
  const { type, source, paths, flags, candidates, owner, layer } = of;
  if (!isLibrary(of)) return `built package from: ${source.name} ${source.version}`;
  return [
    `${type} package${paths.length === 0 ? '' : ` at ${paths.join(', ')}`}`,
    ...(flags.length === 0 ? [] : [flags.join(', ')]),
    ...(candidates.length === 0 ? [] : [`perhaps ${candidates.join(' or ')}`]),
    ...(owner === null ? [] : [`owned by ${ownerWords(owner)}`]),
    `added by layer ${layer}`,
  ].join('; ');
}

function checksumOf(digest: string): object {
  const hash = hashOf(digest);
  return hash === undefined ? {} : { checksums: [{ algorithm: `SHA${hash.bits}`, checksumValue: hash.hex }] };
}

function purlRef(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

type Remarks = ReadonlyMap<string, { readonly refs: readonly object[]; readonly texts: readonly string[] }>;

/**
 * Returns the texts about the findings, undetermined findings and notes of each package, and references to the
 * advisories of the findings.
 */
function remarksOf({ findings, suppressed, undecided, notes }: Report): Remarks {
  const all = [
    ...findings.map((each) => ({ key: keyOf(each), ...findingRemark(each, '') })),
    ...suppressed.map((each) => ({ key: keyOf(each), ...findingRemark(each, suppressionWords(each.suppression)) })),
    ...undecided.listed.map((each) => ({ key: keyOf(each), refs: [], text: undecidedWords(each) })),
    ...notes.map((each) => {
      const source = { name: each.package, version: each.version };
      return { key: keyOf({ purl: each.purl, source }), refs: [], text: noteWords(each) };
    }),
  ];
  return new Map(
    [...groupedBy(all, ({ key }) => key)].map(([key, group]) => [
      key,
      { refs: group.flatMap(({ refs }) => refs), texts: group.map(({ text }) => text) },
    ]),
  );
}

function keyOf({ purl, source }: Pick<ReportPackage, 'purl' | 'source'>): string {
  return JSON.stringify([purl, source.name, source.version]);
}

function findingRemark(finding: ReportFinding, suppression: string) {
  const { id, status, risk, namespace, link } = finding;
  const fact = `${id} (${severityText(finding)}, ${status}, risk ${risk}, ${namespace}${isInKernelHeaders(finding) ? ', kernel headers' : ''}). ${remedyOf(finding)}${finding.reachability === null ? '' : ` ${reachabilityWords(finding)}`}`;
  const text = suppression === '' ? `Affected by ${fact}` : `${suppression}. Without suppression: affected by ${fact}`;
  const address = webAddress(link);
  const ref = { referenceCategory: 'SECURITY', referenceType: 'advisory', referenceLocator: address };
  return { text, refs: address === undefined ? [] : [{ ...ref, comment: printable(text) }] };
}
