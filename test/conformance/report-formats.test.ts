import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { composeClair } from '../../src/compose/clair.ts';
import type { Report } from '../../src/model/report/report.ts';
import { FORMATS } from '../../src/report/index.ts';
import {
  cyclonedxRules,
  type DocumentRules,
  htmlRules,
  junitRules,
  schemaRules,
} from '../../src/report/testing/format-rules.ts';
import { gitlabRules } from '../../src/report/testing/gitlab-rules.ts';
import { hostileReport, reports, reportWith } from '../../src/report/testing/reports.ts';
import { reportOfLayer } from '../../src/report/testing/layer-report.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';
import { runCount } from '../fixtures/run-count.ts';

const GENERATED = { numRuns: runCount(1000, 80), seed: 7 };
const schema = (name: string): string => sharedPath(`schemas/${name}`);

/** The official schemas of the formats. Some of these schemas are not on npm. */
const SCHEMAS: Readonly<Record<string, () => DocumentRules>> = {
  sarif: () => schemaRules({ path: schema('sarif-schema-2.1.0.json') }),
  spdx: () => schemaRules({ path: schema('spdx-2.3.schema.json') }),
  openvex: () => schemaRules({ path: schema('openvex.schema.json') }),
  cyclonedx: () =>
    schemaRules({
      path: schema('cyclonedx-bom-1.6.schema.json'),
      referred: {
        'http://cyclonedx.org/schema/spdx.schema.json': schema('spdx.schema.json'),
        'http://cyclonedx.org/schema/jsf-0.82.schema.json': schema('jsf-0.82.schema.json'),
      },
    }),
};

const ALWAYS: Readonly<Record<string, () => DocumentRules>> = {
  cyclonedx: cyclonedxRules,
  junit: () => junitRules,
  html: () => htmlRules,
  gitlab: gitlabRules,
};

function itKeepsTheRules(rulesOf: Readonly<Record<string, () => DocumentRules>>): void {
  describe.each(Object.entries(rulesOf))('%s', (id, make) => {
    const format = FORMATS.find((each) => each.id === id)!;
    // The rules are created when a test runs, because skipped tests are collected even without the schemas.
    let keep: DocumentRules = () => [];
    beforeAll(() => {
      keep = make();
    });
    /** Returns the schema violations of the document for the reports; empty if the format has no document for them. */
    const faultsOf = (...all: readonly Report[]): readonly string[] => {
      if (format.whyNone?.(all) !== undefined) return [];
      const [first] = all;
      return keep(all.length === 1 ? format.render(first!) : format.renderAll(all));
    };

    it('of an image without findings, of a hostile image, and of several images', () => {
      for (const report of [reportWith(), hostileReport()]) expect(faultsOf(report)).toEqual([]);
      expect(faultsOf(hostileReport(), reportWith(), hostileReport())).toEqual([]);
      const alone = format.whyNone === undefined ? keep(format.renderAll([reportWith()])) : [];
      expect(alone).toEqual([]);
    });

    it(`of ${GENERATED.numRuns} generated reports`, { timeout: 120_000 }, () => {
      fc.assert(
        fc.property(reports(), (report) => {
          expect(faultsOf(report)).toEqual([]);
        }),
        GENERATED,
      );
    });
  });
}

describe('documents conform to the available schemas', () => itKeepsTheRules(ALWAYS));

describeShared(
  'documents conform to the official schemas',
  ['sarif-schema-2.1.0', 'spdx-2.3.schema', 'openvex.schema', 'cyclonedx-bom-1.6.schema'].map(
    (name) => `schemas/${name}.json`,
  ),
  () => itKeepsTheRules(SCHEMAS),
);

const FEED = 'feeds/debian/debian-tracker-derived.json.zst';

const LAYER = 'images/debian-dbonly/bullseye.layer.tar.xz';

/** Real images: archive and exit status (3 without a feed of the release). */
const IMAGES = [
  ['images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz', 0],
  ['images/peers/alpine-310.tar.gz', 3],
  ['images/peers/docker-archives/hello-world.tar', 3],
] as const;

describeShared(
  'documents of real images conform to the schemas',
  [FEED, LAYER, ...IMAGES.map(([image]) => image), 'schemas/openvex.schema.json'],
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-formats-'));
    const database = join(folder, 'clair.db');
    const run = async (...args: readonly string[]): Promise<number> =>
      await runCli([...args, '--db', database], {
        out: () => {},
        err: () => {},
        signal: new AbortController().signal,
      });
    beforeAll(async () => {
      expect(await run('update', '--feed', 'debian', '--from', sharedPath(FEED))).toBe(0);
    }, 120_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('of a layer with many findings', { timeout: 120_000 }, async () => {
      const clair = await composeClair({ type: 'sqlite', path: database });
      try {
        const report = await reportOfLayer(clair, sharedPath(LAYER));
        expect(report.findings.length).toBeGreaterThan(50);
        for (const [id, make] of [...Object.entries(ALWAYS), ...Object.entries(SCHEMAS)]) {
          const format = FORMATS.find((each) => each.id === id)!;
          expect([id, make()(format.render(report))]).toEqual([id, []]);
        }
      } finally {
        await clair.close();
      }
    });

    it.each(IMAGES)('%s, all formats of one scan', { timeout: 120_000 }, async (image, status) => {
      const outputs = FORMATS.flatMap(({ id }) => ['--format', `${id}=${join(folder, id)}`]);
      // The release is out of support, which every format must state even with --allow-eol.
      expect(await run('scan', `docker-archive:${sharedPath(image)}`, '--allow-eol', ...outputs)).toBe(status);
      const textOf = (id: string): string => readFileSync(join(folder, id), 'utf8');
      const report = JSON.parse(textOf('json')) as Report;
      // Formats without a document for the image; their file is not written.
      const none = new Set(FORMATS.filter((each) => each.whyNone?.([report]) !== undefined).map(({ id }) => id));
      for (const id of none) expect(existsSync(join(folder, id))).toBe(false);
      for (const [id, make] of [...Object.entries(ALWAYS), ...Object.entries(SCHEMAS)]) {
        if (none.has(id)) continue;
        expect([id, make()(textOf(id))]).toEqual([id, []]);
      }
      const { packages, findings, diagnostics } = report;
      expect(textOf('cyclonedx').match(/"type": "library"/g) ?? []).toHaveLength(packages.length);
      expect(textOf('sarif').match(/"ruleId"/g) ?? []).toHaveLength(findings.length);
      expect(textOf('junit').match(/<failure /g) ?? []).toHaveLength(findings.length);
      // Every format shows that the result is incomplete.
      for (const id of ['cyclonedx', 'spdx', 'junit', 'markdown', 'html', 'openvex', 'sarif', 'gitlab']) {
        if (none.has(id)) continue;
        for (const { code } of diagnostics) expect([id, textOf(id).includes(code)]).toEqual([id, true]);
      }
    });
  },
);
