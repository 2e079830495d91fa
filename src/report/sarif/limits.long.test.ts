import { gzipSync } from 'node:zlib';
import type { Log } from 'sarif';
import { expect, it } from 'vitest';
import { noise } from '../../bytes/testing/noise.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { sarif } from '../sarif.ts';
import { findingOf, reportOf } from '../testing/report-builder.ts';
import { GITHUB_LIMITS } from './limits.ts';

it.each([
  ['with many findings', 26_000, 40, 25_000, 25_000],
  ['with long descriptions', 12_000, 1500, 5001, 11_999],
])('an image %s has a SARIF document that GitHub accepts', { timeout: 240_000 }, (_, count, length, fewest, most) => {
  const text = noise(count * length).toString('base64');
  const findings = Array.from({ length: count }, (_each, at) =>
    findingOf({
      id: `CVE-2026-${at}`,
      package: `p${at % 900}`,
      severity: SEVERITIES[at % SEVERITIES.length]!,
      description: text.slice(at * length, (at + 1) * length),
    }),
  );
  const told: string[] = [];
  const written = sarif.render(reportOf({ findings }), { remark: (remark) => told.push(remark) });
  expect(gzipSync(written).length).toBeLessThan(GITHUB_LIMITS.bytes);
  const { runs } = JSON.parse(written) as Log;
  const [{ results = [], tool, invocations } = {} as Log['runs'][number]] = runs;
  expect(runs).toHaveLength(1);
  expect(results.length).toBeGreaterThanOrEqual(fewest);
  expect(results.length).toBeLessThanOrEqual(most);
  const rules = tool?.driver.rules ?? [];
  expect(rules.length).toBeLessThanOrEqual(25_000);
  expect(Math.max(...rules.map(({ properties }) => properties?.tags?.length ?? 0))).toBeLessThanOrEqual(20);
  expect(
    Math.max(...results.map(({ locations = [], relatedLocations = [] }) => locations.length + relatedLocations.length)),
  ).toBeLessThan(1000);
  expect(results.every(({ ruleId, ruleIndex = -1 }) => rules[ruleIndex]?.id === ruleId)).toBe(true);
  // No omitted finding is more severe than a remaining finding.
  const ranks = results.map(({ properties }) => SEVERITIES.indexOf(properties?.['severity']));
  expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
  const notes = invocations?.[0]?.toolExecutionNotifications?.filter(
    ({ descriptor }) => descriptor?.id === 'results-limited',
  );
  expect(notes?.map(({ level }) => level)).toEqual(['warning', 'warning']);
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(/^SARIF of linux\/amd64: GitHub accepts .* are left out; the most severe is /);
  expect(told[1]).toMatch(/GitHub shows 5,000 of these [\d,]+ results/);
});
