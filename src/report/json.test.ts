import { expect, it } from 'vitest';
import type { Report } from '../model/report/report.ts';
import { json } from './json.ts';

const report = { schemaVersion: 1, packages: [] } as unknown as Report;

it('one report is an object, and several are an array, also when it is one', () => {
  expect(JSON.parse(json.render(report))).toEqual(report);
  expect(JSON.parse(json.renderAll([report]))).toEqual([report]);
  expect(JSON.parse(json.renderAll([report, report]))).toEqual([report, report]);
  expect(json.renderAll([report]).endsWith(']\n')).toBe(true);
});
