import type { Distribution } from '../../model/releases/distribution.ts';
import { statementRules } from '../../report/statements/embedded-statements.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import type { Attachments } from './attached-documents.ts';

/**
 * Returns the VEX statements attached to an image as rules, which yield to the documents that the user chose. Leaves
 * out SBOM statements about an index, because they are not about one platform; in OpenVEX documents, the products name
 * the images.
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
