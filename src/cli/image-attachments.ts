import { attachmentDiagnostics } from '../compose/attestations/attached-comparison.ts';
import { readAttachments } from '../compose/attestations/attached-documents.ts';
import { attachedRules } from '../compose/attestations/attached-rules.ts';
import { ClairError } from '../errors.ts';
import type { Layer } from '../model/layer.ts';
import { DIAGNOSTICS } from '../model/report/diagnostic.ts';
import type { Report } from '../model/report/report.ts';
import type { RuleSet } from '../suppression/suppression-rule.ts';
import type { ImageSource } from '../worker/sources/image-source.ts';

/** What the documents attached to an image add to its report. */
export type ImageAttachments = {
  /** The rules of the VEX statements. */
  readonly rules: readonly RuleSet[];
  /** Adds the diagnostics of the documents to the report of the image. */
  readonly withDiagnostics: (report: Report) => Report;
};

export type AttachmentOptions = {
  /** The distribution of the image. */
  readonly distribution: Layer['distribution'];
  /** Whether the VEX statements apply. */
  readonly appliesVex: boolean;
  readonly signal: AbortSignal;
};

/**
 * Reads the documents attached to an image.
 *
 * @throws ClairError `cli/usage` for an image outside of a registry; `bytes/…`, `registry/…`
 */
export async function readImageAttachments(
  { attachments, reference }: ImageSource,
  { distribution, appliesVex, signal }: AttachmentOptions,
): Promise<ImageAttachments> {
  if (attachments === undefined) {
    throw new ClairError(
      'cli/usage',
      `--attestations works only with images from registries, but ${reference} is not from a registry: use registry:IMAGE`,
    );
  }
  const attached = await readAttachments(attachments, { signal });
  return {
    rules: appliesVex ? [attachedRules(attached, distribution)] : [],
    withDiagnostics(report) {
      const added = attachmentDiagnostics(attached, report.packages, appliesVex);
      const diagnostics = added.map((each) => ({ ...each, incomplete: DIAGNOSTICS[each.code].incomplete }));
      return { ...report, diagnostics: [...report.diagnostics, ...diagnostics] };
    },
  };
}
