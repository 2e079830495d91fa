import type { FileFacts } from '../detectors/detector.ts';
import { INVENTORY_PATH } from '../detectors/packages/sbom/detector.ts';
import type { LayerContents, LayerEntry } from '../layer/layer-contents.ts';
import type { SbomChoices } from '../layer/layer-layout.ts';
import { sbomDiagnostics } from './sbom-diagnostics.ts';
import type { SbomDocument } from './sbom-document.ts';
import { packagesOf, purlsOf, type SbomPackages } from './sbom-packages.ts';
import { parseRelease, releaseOfDocument, type SbomRelease } from './sbom-release.ts';
import { systemsOf } from './sbom-systems.ts';

/**
 * Returns the contents of the only layer of the image that a software bill of materials describes, so that its packages
 * are stored, matched and reported like the packages of an image.
 *
 * The VEX statements of the document apply only to these packages.
 */
export function sbomContents(
  document: SbomDocument,
  { distribution, appliesVex = false, image }: SbomChoices = {},
): LayerContents {
  const { components, parents } = document;
  const purls = purlsOf(components);
  const chosen = distribution === undefined ? undefined : parseRelease(distribution);
  const known = [...purls.values()].flatMap((purl) => purl ?? []);
  const release = chosen ?? releaseOfDocument(components, known);
  const systems = systemsOf(components, parents);
  const found = packagesOf(components, purls, { release, isChosen: chosen !== undefined, systems });
  const { packages, contentSets, owned, libraries, marks } = found;
  const facts: FileFacts = { packages, ownedPaths: owned, diagnostics: [] };
  return {
    whiteouts: [],
    opaque: [],
    // Later entries replace earlier entries at the same path, so the paths in the document come first.
    entries: [
      ...ownedFiles(found),
      ...releaseFiles(release),
      {
        kind: 'file',
        path: MANIFEST_PATH,
        // The diagnostics are not in the package file, because there they would mean that the package database is
        // damaged.
        facts: { contentSets, diagnostics: sbomDiagnostics(document, found, { release, systems, appliesVex, image }) },
      },
      {
        kind: 'file',
        path: INVENTORY_PATH,
        facts,
        byDetector: { 'sbom-libraries': { features: libraries, marks, diagnostics: [] } },
      },
    ],
    // The document names only some files of the image.
    isPartial: true,
    outside: 0,
    ...(appliesVex && document.vex.statements.length > 0 && { statements: document.vex.statements }),
  };
}

/** The path of a content manifest, which names the repositories of the packages. */
export const MANIFEST_PATH = 'root/buildinfo/content_manifests/sbom.json';

/** Returns entries for the files of packages, because the owners of files are found in the tree. */
function ownedFiles({ owned, marks }: SbomPackages): readonly LayerEntry[] {
  const paths = [...owned.flatMap((each) => each.paths), ...marks.map(({ path }) => path)];
  return [...new Set(paths)].map((path) => ({ kind: 'file', path }));
}

function releaseFiles(release: SbomRelease | undefined): readonly LayerEntry[] {
  if (release === undefined) return [];
  const { id, version, name } = release;
  const isUnstable = id === 'debian' && version === 'unstable';
  const words = { ID: id, ...(version !== '' && !isUnstable && { VERSION_ID: version }), ...(name && { NAME: name }) };
  return [file('etc/os-release', words), ...(isUnstable ? [file('etc/apt/sources.list', { SUITES: 'unstable' })] : [])];
}

function file(path: string, release: Readonly<Record<string, string>>): LayerEntry {
  return { kind: 'file', path, facts: { release, diagnostics: [] } };
}
