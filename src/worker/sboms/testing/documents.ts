import { inChunks } from '../../../bytes/testing/tar-builder.ts';
import type { SystemPackage } from '../../../model/feature.ts';
import type { SbomChoices } from '../../layer/layer-layout.ts';
import type { LayerContents } from '../../layer/layer-contents.ts';
import { readSbom } from '../read-sbom.ts';
import { MANIFEST_PATH, sbomContents } from '../sbom-contents.ts';
import type { SbomDocument } from '../sbom-document.ts';
import type { SbomLimits } from '../sbom-limits.ts';

/** Reads a document from a string, bytes or a JSON value. */
export async function readText(document: unknown, limits: Partial<SbomLimits> = {}): Promise<SbomDocument> {
  const text = typeof document === 'string' || document instanceof Uint8Array ? document : JSON.stringify(document);
  return await readSbom(inChunks(Buffer.from(text)), { where: 'test', limits });
}

export function cyclonedxOf(components: readonly object[], parts: object = {}): object {
  return { bomFormat: 'CycloneDX', specVersion: '1.6', components, ...parts };
}

export function withPurl(purl: string, parts: object = {}): object {
  return { type: 'library', 'bom-ref': purl, name: 'x', purl, ...parts };
}

export const DEBIAN: object = { type: 'operating-system', name: 'debian', version: '12', 'bom-ref': 'twelve' };

/** The packages, release and diagnostics in the contents of a document. */
export type Read = {
  readonly release: Readonly<Record<string, string>> | undefined;
  readonly systemPackages: readonly SystemPackage[];
  /** Lines `TYPE NAME VERSION SOURCE SOURCEVERSION[ in RELEASE]`. */
  readonly packages: readonly string[];
  readonly libraries: readonly string[];
  readonly codes: readonly string[];
  readonly contents: LayerContents;
};

/** Reads a document and returns its packages, release and diagnostics. */
export async function contentsOf(document: unknown, choices: SbomChoices = {}): Promise<Read> {
  const contents = sbomContents(await readText(document), choices);
  const files = new Map(contents.entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.path, entry]] : [])));
  const inventory = files.get('.clair/sbom');
  const { packages = [] } = inventory?.facts ?? {};
  const { diagnostics = [] } = files.get(MANIFEST_PATH)?.facts ?? {};
  const { features = [] } = inventory?.byDetector?.['sbom-libraries'] ?? {};
  return {
    release: files.get('etc/os-release')?.facts?.release,
    systemPackages: packages,
    packages: packages.map(({ type, name, version, source, release }) => {
      const own = release === undefined ? '' : ` in ${release}`;
      return `${type} ${name} ${version} ${source.name} ${source.version}${own}`;
    }),
    libraries: features.map(({ feature, path }) => `${feature.type} ${feature.name} ${feature.version} ${path}`.trim()),
    codes: diagnostics.map(({ code }) => code).filter((code) => code !== 'sbom-components-judged'),
    contents,
  };
}
