import { ecosystemOf, featureOfPurl } from '../../ecosystems/index.ts';
import { parsePackageUrl } from '../../ecosystems/package-url.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import type { SbomStatement } from '../../model/report/sbom-statement.ts';
import { type PackagePattern, parsePurl } from '../../suppression/package-pattern.ts';
import type { RuleScope, RuleSet, SuppressionRule } from '../../suppression/suppression-rule.ts';

/** The name of the origin of the rules in messages and reports. */
const ORIGIN = 'embedded VEX in the SBOM';

/**
 * Returns the VEX statements of an SBOM as rules for the findings of its image. The rules contain package URLs in
 * Clair's form, because other tools write different qualifiers.
 *
 * @param findings the findings of the image; statements about other vulnerabilities are omitted
 */
export function embeddedRules(
  statements: readonly SbomStatement[],
  findings: readonly Pick<ReportFinding, 'id' | 'aliases' | 'cves'>[],
  distribution: Distribution | null,
): RuleSet {
  if (statements.length === 0) return { rules: [], isShared: true };
  const found = new Set(findings.flatMap(({ id, aliases, cves }) => [id, ...aliases, ...cves.map((cve) => cve.id)]));
  const names = new Set([...found].map((name) => name.toUpperCase()));
  const relevant = statements.filter(({ ids }) => ids.some((id) => names.has(id.toUpperCase())));
  return { rules: statementRules(relevant, distribution, { by: 'sbom', origin: ORIGIN }), isShared: true };
}

/** The kind of origin of the statements, and the name of the origin in messages and reports. */
export type StatementOrigin = { readonly by: 'sbom' | 'attestation'; readonly origin: string };

/** Returns VEX statements as rules. */
export function statementRules(
  statements: readonly SbomStatement[],
  distribution: Distribution | null,
  from: StatementOrigin,
): readonly SuppressionRule[] {
  return statements.map((each) => ruleOf(each, distribution, from));
}

function ruleOf(
  { packages, ...statement }: SbomStatement,
  distribution: Distribution | null,
  { by, origin }: StatementOrigin,
): SuppressionRule {
  const { place, ids, effect, timestamp, justification, reason } = statement;
  const scopes = packages.flatMap((purl): readonly RuleScope[] => {
    const pattern = patternOf(purl, distribution);
    return pattern === undefined ? [] : [{ images: [], packages: [pattern] }];
  });
  return {
    by,
    file: origin,
    place,
    where: `${origin}, ${place}`,
    ids,
    scopes: packages.length === 0 ? [{ images: [], packages: [] }] : scopes,
    effect,
    timestamp,
    justification,
    reason,
    author: null,
    expires: null,
  };
}

function patternOf(text: string, distribution: Distribution | null): PackagePattern | undefined {
  const stated = parsePackageUrl(text);
  if (stated === undefined) return undefined;
  const feature = featureOfPurl(stated);
  const purl = feature && parsePurl(ecosystemOf(feature).purl(feature, distribution));
  if (purl === undefined) return undefined;
  const arch = stated.qualifiers.get('arch');
  purl.qualifiers = arch === undefined ? undefined : { arch };
  purl.version = stated.version === '' ? undefined : purl.version;
  return { purl };
}
