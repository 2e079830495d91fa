import type { Report, ReportLayer } from '../../model/report/report.ts';
import { dataWords, isIncomplete } from '../writing/finding-words.ts';

/** A fact that the standard has no field for; the names are listed in docs/formats.md. */
export type Property = { readonly name: string; readonly value: string };

/** A property of Clair; none where there is nothing to say. */
export function property(name: string, value: string | number | boolean | null | undefined): readonly Property[] {
  return value === null || value === undefined || value === '' ? [] : [{ name: `clair:${name}`, value: String(value) }];
}

/** What is said of an image as a whole: how complete the answer is, its layers, and the age of the data. */
export function imageProperties(report: Report): readonly Property[] {
  const { target, layers, feeds, undecided } = report;
  return [
    ...property('image:kind', target.kind),
    ...property('image:reference', target.reference),
    ...property('image:digest', target.digest),
    ...property('image:platform', target.platform),
    ...property('incomplete', isIncomplete(report)),
    ...property('undecided', undecided.count),
    ...layers.flatMap((layer) => property(`layer:${layer.index}`, layerText(layer))),
    ...feeds.filter(({ isUsed }) => isUsed).flatMap((feed) => property(`feed:${feed.name}`, dataWords(feed))),
  ];
}

function layerText({ digest, origin, size, createdBy }: ReportLayer): string {
  return [digest, origin, ...(size === null ? [] : [`${size} bytes`]), createdBy].join(' ').trim();
}
