import { expect, it } from 'vitest';
import type { Report } from '../model/report/report.ts';
import { json } from './json.ts';

const report = { schemaVersion: 1, packages: [] } as unknown as Report;

it('writes one report as an object and a list as an array, even of one report', () => {
  expect(JSON.parse(json.render(report))).toEqual(report);
  expect(JSON.parse(json.renderAll([report]))).toEqual([report]);
  expect(JSON.parse(json.renderAll([report, report]))).toEqual([report, report]);
  expect(json.renderAll([report]).endsWith(']\n')).toBe(true);
});
