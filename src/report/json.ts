import type { Format } from './format.ts';

/** The report as it is, for programs. */
export const json: Format = {
  id: 'json',
  mediaType: 'application/json',
  render: (report) => `${JSON.stringify(report, null, 2)}\n`,
};
