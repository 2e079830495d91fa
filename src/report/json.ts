import { createFormat, type Format } from './format.ts';
import { jsonLines } from './writing/json-pieces.ts';

/** The report as JSON. Several reports are written as an array. */
export const json: Format = createFormat({
  id: 'json',
  mediaType: 'application/json',
  write: (report) => jsonLines(report),
  writeAll: (reports) => jsonLines(reports),
});
