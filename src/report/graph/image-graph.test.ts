import { describe, expect, it } from 'vitest';
import { SaxesParser } from 'saxes';
import { deb } from '../../database/testing/packages.ts';
import { layerOf, reportOf } from '../testing/report-builder.ts';
import type { FeatureChange } from '../../model/layer.ts';
import type { Match } from '../../model/report/match.ts';
import { type SystemPackage } from '../../model/feature.ts';
import { MAX_DRAWN_INTERVALS, MAX_DRAWN_LINES } from './drawn-lines.ts';
import { graphDot } from './graph-dot.ts';
import { graphSvg } from './graph-svg.ts';
import { type ImageGraph, imageGraph } from './image-graph.ts';

const adds = (of: SystemPackage, layer: number): FeatureChange => ({
  feature: of,
  path: '',
  namespace: 'debian:12',
  originDepth: layer,
  change: 1,
});
const removes = (of: SystemPackage, layer: number): FeatureChange => ({ ...adds(of, layer), change: -1 });

function match(id: string, of: SystemPackage, more: Partial<Match> = {}): Match {
  return {
    vulnerability: { feed: 's', name: id, link: '', description: '', aliases: [] },
    namespace: 'debian:12',
    severity: 'High',
    severityFrom: 'feed',
    status: 'fixed',
    fixed: '3',
    range: { name: of.source.name, introduced: null, lastAffected: null },
    feature: of,
    originDepth: 0,
    ...more,
  };
}

const [old, newer, repaired] = ['1', '2', '3'].map((version) => deb('libssl3', version, { name: 'openssl' }));
const tool = deb('openssl', '1');

/**
 * Returns the graph of an image with three layers: a base with openssl 1, an upgrade to 2, which is still affected, and
 * an upgrade to 3, which is fixed.
 */
function upgraded(): ImageGraph {
  const report = reportOf({ layers: [layerOf(0, { origin: 'base' }), layerOf(1), layerOf(2)] });
  const changes = [
    [adds(old!, 0), adds(tool, 0)],
    [removes(old!, 1), adds(newer!, 1)],
    [removes(newer!, 2), removes(tool, 2), adds(repaired!, 2)],
  ];
  const matches = [[match('CVE-1', old!), match('CVE-2', old!, { fixed: '2' })], [match('CVE-1', newer!)], []];
  return imageGraph({ report, changes, matches });
}

describe('the graph of an image', () => {
  it('lists the findings that each layer adds and fixes; an upgrade to an affected version does neither', () => {
    const { layers } = upgraded();
    const ids = layers.map(({ brings, repairs }) => [brings, repairs].map((of) => of.map(({ id }) => id).join(' ')));
    expect(ids).toEqual([
      ['CVE-1 CVE-2', ''],
      ['', 'CVE-2'],
      ['', 'CVE-1'],
    ]);
    expect(layers[2]).toMatchObject({
      added: [{ name: 'libssl3' }],
      removed: [{ name: 'libssl3' }, { name: 'openssl' }],
    });
  });

  it('places packages on the version line of their source package, from the layer that adds a version to the layer that removes it', () => {
    expect(upgraded().lines).toMatchObject([
      {
        namespace: 'debian:12',
        name: 'openssl',
        versions: ['1', '2', '3'],
        points: [
          { version: '1', layer: 0, until: 2, packages: ['libssl3', 'openssl'] },
          { version: '2', layer: 1, until: 2 },
          { version: '3', layer: 2, until: null },
        ],
        intervals: [
          { vulnerability: 'CVE-1', from: '0', to: '3', isToAffected: false },
          { vulnerability: 'CVE-2', from: '0', to: '2' },
        ],
      },
    ]);
  });

  it('orders the versions of a version line as the package manager does', () => {
    const changes = [['1.10', '1.9', '1.9~rc1', '2:0'].map((version) => adds(deb('a', version), 0))];
    const matches = [
      [
        match('CVE-1', deb('a', '1.9'), {
          fixed: '1.9+x',
          range: { name: 'a', introduced: '1.9~', lastAffected: null },
        }),
      ],
    ];
    const [line] = imageGraph({ report: reportOf({ layers: [layerOf(0)] }), changes, matches }).lines;
    expect(line?.versions).toEqual(['1.9~', '1.9~rc1', '1.9', '1.9+x', '1.10', '2:0']);
  });

  it.each<[string, Partial<Match>, object]>([
    ['0', {}, { from: '0' }],
    ['∞', { fixed: null }, { to: '∞', isToAffected: false }],
    [
      'the last affected version',
      { fixed: null, range: { name: 'openssl', introduced: null, lastAffected: '2' } },
      { to: '2', isToAffected: true },
    ],
    ['a later version', { range: { name: 'openssl', introduced: '1', lastAffected: null } }, { from: '1' }],
  ])('has intervals that start or end at %s', (_, of, expected) => {
    const question = {
      report: reportOf({ layers: [layerOf(0)] }),
      changes: [[adds(old!, 0)]],
      matches: [[match('CVE-1', old!, of)]],
    };
    expect(imageGraph(question).lines[0]?.intervals).toMatchObject([expected]);
  });

  it('shows a package in the release in which it is matched, if that changes at a layer', () => {
    const matches = [[], [match('CVE-1', old!, { namespace: 'debian:13' })]];
    const report = reportOf({ layers: [layerOf(0), layerOf(1)] });
    const { lines } = imageGraph({ report, changes: [[adds(old!, 0)], []], matches });
    expect(lines.map(({ namespace, points }) => [namespace, points[0]?.layer])).toEqual([
      ['debian:12', 0],
      ['debian:13', 1],
    ]);
  });

  it('shows only the requested packages and severities', () => {
    const a = deb('a', '1');
    const question = {
      report: reportOf({ layers: [layerOf(0)] }),
      changes: [[adds(a, 0), adds(old!, 0)]],
      matches: [[match('CVE-1', a), match('CVE-2', old!, { severity: 'Low' })]],
    };
    const graph = imageGraph(question, { packages: ['openssl'] });
    expect(graph.layers[0]).toMatchObject({ added: [{ name: 'libssl3' }], brings: [{ id: 'CVE-2' }] });
    expect(graph.lines.map(({ name }) => name)).toEqual(['openssl']);
    expect(imageGraph(question, { severities: ['High'] }).layers[0]?.brings.map(({ id }) => id)).toEqual(['CVE-1']);
    expect(imageGraph(question, { kinds: ['library'] }).layers[0]?.brings).toEqual([]);
    expect(imageGraph(question, { kinds: ['os'] }).layers[0]?.brings).toHaveLength(2);
  });
});

const HOSTILE = '"]; x [label=<b>&\\\u001b[31m</text><script>alert(1)</script>\n';

/** Returns the graph of an image with many version lines and intervals, and with hostile names. */
function hostile(): ImageGraph {
  const packages = Array.from({ length: MAX_DRAWN_LINES + 5 }, (_none, at) => deb(`${HOSTILE}${at}`, '1'));
  const matches = packages.flatMap((of) =>
    Array.from({ length: MAX_DRAWN_INTERVALS + 3 }, (_none, at) =>
      match(`CVE-${at}`, of, { severity: at === 14 ? 'Critical' : 'Low' }),
    ),
  );
  const report = reportOf({ layers: [layerOf(0, { createdBy: HOSTILE })] });
  return imageGraph({ report, changes: [packages.map((of) => adds(of, 0))], matches: [matches] });
}

describe('a drawing of the graph', () => {
  it('is SVG with hostile names as text, and states what it omits', () => {
    const svg = graphSvg(hostile());
    const elements = new Set<string>();
    const parser = new SaxesParser();
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ name }) => elements.add(name));
    parser.write(svg).close();
    expect([...elements].toSorted()).toEqual(['circle', 'g', 'line', 'rect', 'svg', 'text', 'title']);
    expect(svg).toContain('5 more version lines are not drawn');
    expect(svg).toContain('>3 more<');
    // The drawing includes the worst vulnerability.
    expect(svg).toContain('CVE-14 (Critical, fixed)');
  });

  it('has all bar labels at the left, whatever the length of the line', () => {
    const versions = Array.from({ length: 40 }, (_none, at) => `${at}:${'1234567890.'.repeat(4)}-${at}`);
    const packages = versions.map((version) => deb('long', version));
    const matches = packages.map((of, at) => match(`CVE-2026-${at}`, of, { fixed: versions[at + 1] ?? null }));
    const report = reportOf({ layers: [layerOf(0)] });
    const graph = imageGraph({ report, changes: [packages.map((of) => adds(of, 0))], matches: [matches] });
    const svg = graphSvg(graph);
    expect(Number(/<svg[^>]* width="(\d+)"/.exec(svg)?.[1])).toBeGreaterThan(5000);
    const labels = [...svg.matchAll(/<text x="(\d+)"[^>]*>(?:CVE-[^<]*\(High, fixed\)|\d+ more)<\/text>/g)];
    expect(labels).toHaveLength(MAX_DRAWN_INTERVALS + 1);
    const bars = [...svg.matchAll(/<rect x="(\d+)" y="\d+" width="\d+" height="12"/g)].map(([, x]) => Number(x));
    for (const [, x, ...rest] of labels) expect([Number(x) < 100, rest]).toEqual([true, []]);
    // Labels end before the first version.
    expect(Math.min(...bars)).toBeGreaterThan(200);
  });

  it('has a bar for each vulnerability over its interval', () => {
    const svg = graphSvg(upgraded());
    const xOf = (version: string): string =>
      new RegExp(`x1="(\\d+)"[^\n]*middle">${version}</text>`).exec(svg)?.[1] ?? '';
    const [, x, width] =
      /CVE-2: from 0 to 2 \(exclusive\)<\/title><rect x="(\d+)" y="\d+" width="(\d+)"/.exec(svg) ?? [];
    expect(x).toBe(xOf('0'));
    expect(Number(x) + Number(width)).toBe(Number(xOf('2')));
    expect(svg).toContain('<title>libssl3 2: added by layer 1, removed by layer 2</title>');
  });

  it('counts the findings that each layer adds and fixes, without suppressed findings', () => {
    for (const drawing of [graphSvg(upgraded()), graphDot(upgraded())]) {
      expect(drawing).toContain('adds 2 findings, fixes 0');
      expect(drawing).toContain('adds 0 findings, fixes 1');
    }
    const graph = upgraded();
    const layers = graph.layers.map((layer) => ({
      ...layer,
      brings: layer.brings.map((finding, at) => ({ ...finding, isSuppressed: at === 0 })),
    }));
    for (const drawing of [graphSvg({ ...graph, layers }), graphDot({ ...graph, layers })]) {
      expect(drawing).toContain('adds 1 finding, fixes 0');
    }
  });

  it('is DOT with hostile names as text', () => {
    // In a DOT string (graphviz.org/doc/info/lang.html), only \" is a quotation mark.
    const outside = graphDot(hostile()).replace(/"(?:[^"\\]|\\.)*"/g, 'TEXT');
    for (const word of ['"', '<', '\u001B', 'script']) expect(outside).not.toContain(word);
    expect(graphDot(upgraded())).toMatch(/line0_0 -> line0_1 -> line0_2 -> line0_3 -> line0_4;/);
    expect(graphDot(upgraded())).toContain('layer1 -> line0_2;');
  });
});
