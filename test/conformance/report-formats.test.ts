import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../src/report/index.ts';
import { cyclonedxRules, type DocumentRules, htmlRules, junitRules, schemaRules } from '../fixtures/format-rules.ts';
import { hostileReport, reports, reportWith } from '../fixtures/reports.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';

const GENERATED = { numRuns: 1000, seed: 7 };
const schema = (name: string): string => sharedPath(`schemas/${name}`);

/** What is looked for in the owners' schemas, which are not all in packages of npm. */
const SCHEMAS: Readonly<Record<string, () => DocumentRules>> = {
  sarif: () => schemaRules({ path: schema('sarif-schema-2.1.0.json') }),
  spdx: () => schemaRules({ path: schema('spdx-2.3.schema.json') }),
  openvex: () => withStatement(schemaRules({ path: schema('openvex.schema.json') })),
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
};

/** The one place where a document is not what the schema wants: of an image without any finding nothing can be stated. */
function withStatement(rules: DocumentRules): DocumentRules {
  return (text) => rules(text).filter((fault) => fault !== '/statements must NOT have fewer than 1 items');
}

function itKeepsTheRules(rulesOf: Readonly<Record<string, () => DocumentRules>>): void {
  describe.each(Object.entries(rulesOf))('%s', (id, make) => {
    const format = FORMATS.find((each) => each.id === id)!;
    const rules = make();

    it('of an image without findings, of a hostile one, and of several', () => {
      for (const report of [reportWith(), hostileReport()]) expect(rules(format.render(report))).toEqual([]);
      expect(rules(format.renderAll([hostileReport(), reportWith(), hostileReport()]))).toEqual([]);
      expect(rules(format.renderAll([reportWith()]))).toEqual([]);
    });

    it(`of ${GENERATED.numRuns} generated reports`, { timeout: 120_000 }, () => {
      fc.assert(
        fc.property(reports(), (report) => {
          expect(rules(format.render(report))).toEqual([]);
        }),
        GENERATED,
      );
    });
  });
}

describe('documents keep the rules that are here', () => itKeepsTheRules(ALWAYS));

describeShared(
  'documents keep the schemas of their owners',
  ['sarif-schema-2.1.0', 'spdx-2.3.schema', 'openvex.schema', 'cyclonedx-bom-1.6.schema'].map(
    (name) => `schemas/${name}.json`,
  ),
  () => itKeepsTheRules(SCHEMAS),
);
