import { createFormat, type Format } from './format.ts';
import { jsonLines } from './writing/json-pieces.ts';

/** The report as it is, for programs; several are an array. */
export const json: Format = createFormat({
  id: 'json',
  mediaType: 'application/json',
  write: (report) => jsonLines(report),
  writeAll: (reports) => jsonLines(reports),
});
