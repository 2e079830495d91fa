import type { Distribution } from '../../model/releases/distribution.ts';
import { statementRules } from '../../report/statements/embedded-statements.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import type { Attachments } from './attached-documents.ts';

/**
 * Returns the VEX statements attached to an image as rules. Documents that the user chose take precedence over these
 * rules. Leaves out the statements in SBOMs about an index, because these SBOMs are not about a single platform.
 * Includes OpenVEX documents about an index, because the products of their statements name the images.
 */
export function attachedRules({ documents }: Attachments, distribution: Distribution | null): RuleSet {
  const rules = documents.flatMap((each) => {
    if (each.kind === 'vex') return each.rules;
    if (each.isOfIndex) return [];
    return statementRules(each.sbom.vex.statements, distribution, {
      by: 'attestation',
      origin: `attached document ${each.digest}`,
    });
  });
  return { rules, isShared: true };
}
