import type { Report } from '../model/report/report.ts';
import { annotationsOf } from './cyclonedx/annotations.ts';
import { dependenciesOf, imageComponent, packageComponents, packageRefs } from './cyclonedx/components.ts';
import { imageProperties } from './cyclonedx/properties.ts';
import { vulnerabilitiesOf } from './cyclonedx/vulnerabilities.ts';
import { createFormat, type Format } from './format.ts';
import { isIncomplete } from './writing/finding-words.ts';
import { uuidOf } from './writing/identity.ts';
import { repositoryOf } from './writing/image-name.ts';
import { jsonDocument } from './writing/json-document.ts';
import { printable } from '../model/printable.ts';
import { jsonPieces } from './writing/json-pieces.ts';

/**
 * The report as CycloneDX 1.6 in JSON (ECMA-424; docs/reference/formats.md). Several images become a single document,
 * in which each image is a component with its packages.
 */
export const cyclonedx: Format = createFormat({
  id: 'cyclonedx',
  mediaType: 'application/vnd.cyclonedx+json',
  write: (report) => {
    const { component, components, ...parts } = partsOf(report, '');
    return document([report], { component, properties: imageProperties(report) }, { components, ...parts });
  },
  writeAll: (reports) => {
    const all = reports.map((report, index) => partsOf(report, `image-${index}/`));
    const [first] = reports;
    const name = first === undefined ? 'images' : printable(repositoryOf(first.target));
    const metadata = { component: { type: 'container', 'bom-ref': 'images', name } };
    return document(reports, metadata, {
      components: all.map(({ component, components }, index) => {
        const report = reports[index];
        return { ...component, components, ...(report !== undefined && { properties: imageProperties(report) }) };
      }),
      dependencies: all.flatMap(({ dependencies }) => dependencies),
      vulnerabilities: all.flatMap(({ vulnerabilities }) => vulnerabilities),
      annotations: all.flatMap(({ annotations }) => annotations),
      compositions: all.flatMap(({ compositions }) => compositions),
    });
  },
});

function partsOf(report: Report, prefix: string) {
  const image = `${prefix}image`;
  const refs = packageRefs(report, prefix);
  return {
    component: imageComponent(report, image),
    components: packageComponents(report, refs, prefix),
    dependencies: dependenciesOf(report, refs, prefix, image),
    vulnerabilities: vulnerabilitiesOf(report, refs, prefix),
    annotations: annotationsOf(report, image),
    compositions: [
      // The value is never "complete", because Clair does not detect all software in an image and does not read
      // dependencies.
      { aggregate: isIncomplete(report) ? 'incomplete' : 'unknown', assemblies: [image] },
      { aggregate: 'unknown', dependencies: [image] },
    ],
  };
}

function document(reports: readonly Report[], metadata: object, parts: object): Iterable<string> {
  const [first] = reports;
  const tool = { type: 'application', name: 'clair', version: first?.clairVersion ?? '' };
  return jsonDocument({
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(jsonPieces(reports))}`,
    version: 1,
    metadata: {
      ...(first !== undefined && { timestamp: first.createdAt }),
      tools: { components: [tool] },
      ...metadata,
    },
    ...parts,
  });
}
