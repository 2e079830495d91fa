import type { Report, ReportLayer } from '../../model/report/report.ts';
import { dataWords, isIncomplete } from '../writing/finding-words.ts';

/** A value without a field in the standard; docs/reference/formats.md lists the names of these properties. */
export type Property = { readonly name: string; readonly value: string };

type PropertyValue = string | number | boolean | null | undefined;

/** Returns a list with a Clair property, or an empty list for an empty value. */
export function property(name: string, value: PropertyValue): readonly Property[] {
  return valued(`clair:${name}`, value);
}

/**
 * Returns a list with a property in the Trivy namespace, or an empty list for an empty value. Trivy reads the source
 * packages of components only from these properties.
 */
export function trivyProperty(name: string, value: PropertyValue): readonly Property[] {
  return valued(`aquasecurity:trivy:${name}`, value);
}

function valued(name: string, value: PropertyValue): readonly Property[] {
  return value === null || value === undefined || value === '' ? [] : [{ name, value: String(value) }];
}

/** Returns the properties of an image: its identity, completeness and layers, and the age of the feeds. */
export function imageProperties(report: Report): readonly Property[] {
  const { target, layers, layersVerified, feeds, undecided } = report;
  return [
    ...property('image:kind', target.kind),
    ...property('image:reference', target.reference),
    ...property('image:digest', target.digest),
    ...property('image:platform', target.platform),
    ...property('incomplete', isIncomplete(report)),
    ...property('undecided', undecided.count),
    ...(layersVerified ? [] : property('layersVerified', layersVerified)),
    ...layers.flatMap((layer) => property(`layer:${layer.index}`, layerText(layer))),
    ...feeds.filter(({ isUsed }) => isUsed).flatMap((feed) => property(`feed:${feed.name}`, dataWords(feed))),
  ];
}

function layerText({ digest, origin, size, createdBy }: ReportLayer): string {
  return [digest, origin, ...(size === null ? [] : [`${size} bytes`]), createdBy].join(' ').trim();
}
