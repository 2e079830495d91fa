import type { SbomStatement } from '../../model/report/sbom-statement.ts';
import type { JudgedReport, Judgement } from '../../suppression/suppressed-findings.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';

/** The rules for the findings of an image. */
export type JudgingRules = {
  readonly suppressions: readonly RuleSet[];
  /** The VEX statements of the SBOM of the image. */
  readonly statements: readonly SbomStatement[];
  /** The day in UTC, in the form `YYYY-MM-DD`. */
  readonly today: string;
};

/** Applies suppression rules and embedded VEX statements to findings (`judgeFindings`). */
export async function judgedFindings(
  report: JudgedReport,
  { suppressions, statements, today }: JudgingRules,
): Promise<Judgement> {
  if (statements.length === 0 && suppressions.every(({ rules }) => rules.length === 0)) {
    const diagnostics = suppressions.flatMap((set) => set.diagnostics ?? []);
    return { findings: report.findings, suppressed: [], diagnostics };
  }
  // Loaded on demand, because loading the library for package URLs takes longer than most other steps of a report.
  const [{ embeddedRules }, { judgeFindings }] = await Promise.all([
    import('./embedded-statements.ts'),
    import('../../suppression/suppressed-findings.ts'),
  ]);
  const embedded = embeddedRules(statements, report.findings, report.distribution);
  return judgeFindings(report, [...suppressions, embedded], today);
}
