import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../engines/engine.ts';
import { openEngine } from '../../open-store.ts';
import { ENGINES } from '../../testing/stores.ts';
import { ENDED } from './ended-releases.ts';
import { failedRule, MATCHING_RULES, ruleSql, type RuleValues } from './matching-rules.ts';

const PRODUCTS: ReadonlySet<string> = new Set(['cpe:/a:own', 'cpe:/a:own:9']);
const CONTEXT = { products: PRODUCTS, judges: new Set(['debian:12']) };

const bytes = fc.uint8Array({ maxLength: 3 });
const anyValues: fc.Arbitrary<RuleValues> = fc.record({
  archs: fc.constantFrom('', ',x86_64,', ',x86_64,aarch64,', ',,'),
  module: fc.constantFrom('', 'm:1', 'm:2'),
  cpe: fc.constantFrom('', 'cpe:/a:own', 'cpe:/a:own:9', 'cpe:/a:other'),
  lo: bytes,
  hi: bytes,
  arch: fc.constantFrom(null, '', 'noarch', 'x86_64', 'aarch64', 'x86', '64,aarch64'),
  featureModule: fc.constantFrom(null, '', 'm:1', 'm:2', '*'),
  judgedBy: fc.constantFrom('', 'debian:9', 'debian:12', 'debian:13'),
  key: bytes,
});

describe.each(ENGINES)('the matching rules on %s', (_, options) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine(options());
    await engine.transaction(async ({ run }) => {
      await run(
        "INSERT INTO feed_state (feed, last_attempt, vulnerabilities, diagnostic_count, skipped_count, diagnostics) VALUES ('debian', 0, 0, 0, 0, '[]')",
      );
      await run("INSERT INTO feed_namespace (feed, namespace) VALUES ('debian', 'debian:12'), ('debian', 'debian:9')");
    });
  });
  afterAll(async () => await engine.close());

  it('give the same results in SQL as in the program', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyValues, { minLength: 1, maxLength: 100 }), async (all) => {
        const rows = await engine.read.all<Record<string, 0 | 1>>(SELECT_OUTCOMES, [
          RELEASES,
          JSON.stringify(all.map(texts)),
        ]);
        expect(rows.map(failedInSql)).toEqual(all.map((values) => failedRule(values, CONTEXT)));
      }),
    );
  });
});

function failedInSql(row: Readonly<Record<string, 0 | 1>>): string | undefined {
  return MATCHING_RULES.find((rule) => row[`rule_${rule}`] === 0);
}

function texts({
  archs,
  module,
  cpe,
  lo,
  hi,
  arch,
  featureModule,
  judgedBy,
  key,
}: RuleValues): readonly (string | null)[] {
  const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
  return [archs, module, cpe, hex(lo), hex(hi), arch, featureModule, hex(key), judgedBy];
}

/** Replaces the columns of three tables with the columns of one table, which is created from JSON. */
const IN_ONE_TABLE: readonly (readonly [string, string])[] = [
  ['feature.module', 'affected.feature_module'],
  ['feature.arch', 'affected.feature_arch'],
  ['feature.judged_by', 'affected.judged_by'],
  ['feature_point.version_key', 'affected.version_key'],
];

function ofOneTable(sql: string): string {
  return IN_ONE_TABLE.reduce((text, [from, to]) => text.replaceAll(from, to), sql);
}

const isProduct = (column: string): string =>
  `${column} IN (${[...PRODUCTS].map((product) => `'${product}'`).join(', ')})`;

const RELEASES = JSON.stringify(['debian:9', 'debian:13']);

const SELECT_OUTCOMES = `
WITH ${ENDED}
SELECT ${MATCHING_RULES.map(
  (rule) => `CASE WHEN ${ofOneTable(ruleSql([rule], isProduct))} THEN 1 ELSE 0 END AS rule_${rule}`,
).join(', ')}
FROM (
  SELECT
    wanted.value ->> 0 AS archs, wanted.value ->> 1 AS module, wanted.value ->> 2 AS cpe,
    unhex(wanted.value ->> 3) AS lo, unhex(wanted.value ->> 4) AS hi,
    wanted.value ->> 5 AS feature_arch, wanted.value ->> 6 AS feature_module, unhex(wanted.value ->> 7) AS version_key,
    wanted.value ->> 8 AS judged_by
  FROM json_each(?) AS wanted
) AS affected`;
