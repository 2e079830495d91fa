import type { Format } from '../../report/format.ts';

/** An output format whose code is loaded on demand. */
export type FormatLoader = { readonly id: string; readonly load: () => Promise<Format> };

/**
 * The output formats in the order of `FORMATS`; the first format is the default. A command loads only the formats that
 * it writes, because loading all formats takes longer than writing a report.
 */
export const FORMAT_LOADERS: readonly FormatLoader[] = [
  { id: 'table', load: async () => (await import('../../report/table.ts')).table },
  { id: 'json', load: async () => (await import('../../report/json.ts')).json },
  { id: 'sarif', load: async () => (await import('../../report/sarif.ts')).sarif },
  { id: 'cyclonedx', load: async () => (await import('../../report/cyclonedx.ts')).cyclonedx },
  { id: 'spdx', load: async () => (await import('../../report/spdx.ts')).spdx },
  { id: 'junit', load: async () => (await import('../../report/junit.ts')).junit },
  { id: 'markdown', load: async () => (await import('../../report/markdown.ts')).markdown },
  { id: 'html', load: async () => (await import('../../report/html.ts')).html },
  { id: 'openvex', load: async () => (await import('../../report/openvex.ts')).openvex },
  { id: 'gitlab', load: async () => (await import('../../report/gitlab.ts')).gitlab },
];
