import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../src/health/metrics.ts';

const ALERTS = readFileSync('deploy/prometheus/alerts.yml', 'utf8');
const BOARD = readFileSync('deploy/grafana/clair.json', 'utf8');
const ALERT_PAGE = readFileSync('docs/how-to/monitor.md', 'utf8');

type Rule = { readonly alert: string; readonly expr: string };
const { groups } = parse(ALERTS) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Returns the names of all served metrics. */
async function measured(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics({
    version: '1',
    feeds: async () => [],
    database: async () => ({ space: { total: 0 } }),
    notifications: async () => ({ waiting: 0, delivered: 0, dead: 0 }),
    now: Date.now,
  });
  const text = await metrics.text();
  return new Set([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) => seriesOf(name, type)));
}

function seriesOf(name: string, type: string | undefined): string[] {
  return type === 'histogram' ? ['', '_bucket', '_count', '_sum'].map((end) => `${name}${end}`) : [name];
}

const namedIn = (text: string): string[] => [...new Set(text.match(/\b(?:clair|nodejs|process)_[a-z0-9_]+\b/g))];

describe('metrics in expressions', () => {
  it.each(rules.map(({ alert, expr }) => [alert, expr]))('of the alert %s exist', async (_alert, expr) => {
    const names = await measured();
    expect(namedIn(expr).filter((name) => !names.has(name))).toEqual([]);
    // `up` is a metric of Prometheus itself.
    expect(namedIn(expr).length > 0 || /\bup\b/.test(expr)).toBe(true);
  });

  it('of the Grafana dashboard exist', async () => {
    const names = await measured();
    const asked = [...BOARD.matchAll(/"expr": "(.*)",?$/gm)].flatMap(([, expr = '']) => namedIn(expr));
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
  });
});

it('lists each alert with the action to take', () => {
  const described = [...ALERT_PAGE.matchAll(/^\| `(Clair[A-Za-z]+)` +\|/gm)].map(([, alert]) => alert);
  expect(described).toEqual(rules.map(({ alert }) => alert));
});
