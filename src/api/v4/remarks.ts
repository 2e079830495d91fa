import type { FastifyReply } from 'fastify';
import type { Report } from '../../model/report/report.ts';
import { meansUnchecked } from '../../model/report/unchecked-packages.ts';

/** The index state of an image whose packages were not checked (configuration key `v4.incomplete`). */
export type IncompleteAnswer = 'finished' | 'error';

type Diagnostics = Report['diagnostics'];

/** The members that Clair adds to the Clair v4 reports (`report-shapes.ts`). */
export type RemarksBody = {
  readonly problems: readonly { readonly code: string; readonly message: string; readonly where: string }[];
  readonly incomplete: boolean;
};

/** Returns the remarks of a report, and adds their codes to the header `Clair-Problems`. */
export function remarksBody(diagnostics: Diagnostics, reply: Pick<FastifyReply, 'header'>): RemarksBody {
  const codes = new Set(diagnostics.map(({ code }) => code));
  if (codes.size > 0) reply.header('clair-problems', [...codes].join(', '));
  return {
    problems: diagnostics.map(({ code, message, where }) => ({ code, message, where })),
    incomplete: diagnostics.some(({ incomplete }) => incomplete),
  };
}

/** Returns the reasons why the packages of an image were not checked, or undefined if all packages were checked. */
export function uncheckedReason(diagnostics: Diagnostics): string | undefined {
  const reasons = diagnostics.filter(meansUnchecked).map(({ message }) => message);
  return reasons.length === 0 ? undefined : reasons.join('; ');
}
