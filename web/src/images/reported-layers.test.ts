import { describe, expect, it } from 'vitest';
import type { Report, ReportLayer, ReportFinding } from '../../../src/model/report/report.ts';
import { reportedLayers } from './reported-layers.ts';

const layers = [0, 1].map((index) => ({
  index,
  createdBy: `RUN ${index}`,
  origin: 'own',
  size: 1,
})) as unknown as ReportLayer[];
const finding = (id: string, layer: number): ReportFinding =>
  ({ id, layer, package: 'a', version: '1', severity: 'High' }) as unknown as ReportFinding;

describe('the layers of a report', () => {
  it('have the packages and findings of the image, also suppressed findings', () => {
    const packages = [{ name: 'a', version: '1', layer: 1 }];
    const report = { layers, packages, findings: [finding('CVE-1', 1)], suppressed: [finding('CVE-2', 0)] };
    const told = reportedLayers(report as unknown as Report);
    expect(told.map(({ added }) => added.length)).toEqual([0, 1]);
    expect(told.map(({ brings }) => brings.map(({ id, isSuppressed }) => [id, isSuppressed]))).toEqual([
      [['CVE-2', true]],
      [['CVE-1', false]],
    ]);
  });
});
