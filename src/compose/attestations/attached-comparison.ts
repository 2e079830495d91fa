import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { printable } from '../../model/printable.ts';
import type { Report } from '../../model/report/report.ts';
import { NO_PACKAGE, packagesOf, purlsOf } from '../../worker/sboms/sbom-packages.ts';
import { releaseOfDocument } from '../../worker/sboms/sbom-release.ts';
import { systemsOf } from '../../worker/sboms/sbom-systems.ts';
import type { SbomDocument } from '../../worker/sboms/sbom-document.ts';
import type { AttachedDocument, Attachments } from './attached-documents.ts';
import { countOf } from '../../model/counted-noun.ts';

/** The maximum number of names in a message. */
const MAX_NAMED = 5;

/** The maximum length of a name in a message. */
const MAX_NAME_LENGTH = 60;

/**
 * Returns the diagnostics about the documents attached to an image. The diagnostics state how each SBOM differs from
 * the packages in the layers, whether VEX statements are applied, and which documents have an unknown type or could not
 * be read. The layers alone determine the packages of the report, because anyone who can push to the repository can
 * attach a document.
 *
 * @param appliesVex whether statements suppress findings
 */
export function attachmentDiagnostics(
  { documents, failures, unknown, isMirrored }: Attachments,
  packages: Report['packages'],
  appliesVex: boolean,
): readonly Diagnostic[] {
  const inLayers = new Set(packages.map(keyOf));
  const diagnostics: Diagnostic[] = documents.flatMap((each): readonly Diagnostic[] => {
    const where = each.digest;
    if (each.isOfIndex && each.kind === 'sbom') {
      return [
        {
          code: 'attestation-unused',
          message: `${wordsOf(each)} describes the image index, not the image for this platform`,
          where,
        },
      ];
    }
    const statements = each.kind === 'vex' ? each.rules.length : each.sbom.vex.statements.length;
    const counted = countOf(statements, 'VEX statement');
    const unused = `${wordsOf(each)} has ${counted}, which ${isOrAre(statements)} not applied without --sbom-vex`;
    return [
      ...(each.kind === 'sbom' ? [comparison(each, each.sbom, inLayers)] : []),
      ...(statements > 0 && !appliesVex ? [{ code: 'attestation-unused', message: unused, where } as const] : []),
      ...(each.kind === 'vex' && appliesVex
        ? [
            {
              code: 'attestation-read',
              message: `${wordsOf(each)} has ${counted}${statements === 0 ? '' : `, which ${isOrAre(statements)} applied`}`,
              where,
            } as const,
          ]
        : []),
    ];
  });
  if (documents.length === 0 && failures.length === 0 && unknown.length === 0) {
    const message = `no SBOM or VEX document is attached to the image${isMirrored ? ', or the mirror does not have the attached documents' : ''}`;
    diagnostics.push({ code: 'attestation-read', message, where: 'attestations' });
  }
  if (unknown.length > 0) {
    const message = `attached documents of unknown types were not read: ${unknown.length} (${listed([...new Set(unknown)])})`;
    diagnostics.push({ code: 'attestation-unused', message, where: 'attestations' });
  }
  for (const message of failures) {
    const code = appliesVex ? 'attestation-vex-unread' : 'attestation-unreadable';
    diagnostics.push({ code, message, where: 'attestations' });
  }
  return diagnostics;
}

function isOrAre(count: number): 'is' | 'are' {
  return count === 1 ? 'is' : 'are';
}

function comparison(each: AttachedDocument, sbom: SbomDocument, inLayers: ReadonlySet<string>): Diagnostic {
  const { keys, skipped } = packageKeys(sbom);
  const stated = new Set(keys);
  const added = [...stated].filter((key) => !inLayers.has(key));
  const missing = [...inLayers].filter((key) => !stated.has(key));
  const parts = [
    ...(added.length > 0 ? [`${added.length} ${isOrAre(added.length)} not in the layers (${listed(added)})`] : []),
    ...(missing.length > 0
      ? [
          `${countOf(missing.length, 'package')} of the layers ${isOrAre(missing.length)} not in the SBOM (${listed(missing)})`,
        ]
      : []),
  ];
  const difference = [
    ...(parts.length === 0 ? ['the same packages as in the layers'] : parts),
    ...(skipped > 0 ? [`components that Clair cannot match: ${skipped}`] : []),
  ].join('; ');
  return {
    code: parts.length === 0 ? 'attestation-read' : 'attestation-differs',
    message: `${wordsOf(each)} lists ${countOf(stated.size, 'package')}: ${difference}`,
    where: each.digest,
  };
}

/**
 * Returns the keys of the packages of an SBOM that Clair can match, and the number of other components that are
 * installed packages.
 */
function packageKeys({ components, parents }: SbomDocument): {
  readonly keys: readonly string[];
  readonly skipped: number;
} {
  const purls = purlsOf(components);
  const release = releaseOfDocument(
    components,
    [...purls.values()].flatMap((purl) => purl ?? []),
  );
  const place = { release, isChosen: false, systems: systemsOf(components, parents) };
  const { packages, libraries, unjudged } = packagesOf(components, purls, place);
  const keys = [...packages, ...libraries.map(({ feature }) => feature)].map(keyOf);
  return { keys, skipped: unjudged.filter(({ reason }) => !NO_PACKAGE.has(reason)).length };
}

/**
 * Returns the type, name and version. The epoch and the architecture of rpm packages are omitted, because some tools do
 * not list them.
 */
function keyOf({ type, name, version }: Pick<Report['packages'][number], 'type' | 'name' | 'version'>): string {
  return `${type} ${name} ${type === 'rpm' ? version.replace(/^\d+:/, '') : version}`;
}

function wordsOf(each: AttachedDocument): string {
  const { digest, created, isSigned } = each;
  const what =
    each.kind === 'vex' ? 'OpenVEX' : `SBOM (${[each.sbom.format, each.sbom.tool].filter(Boolean).join(', ')})`;
  const when = created === '' ? '' : ` of ${created}`;
  return printable(`${what} ${digest}${when}, ${isSigned ? 'signature not checked' : 'not signed'},`);
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, MAX_NAMED).map((name) => printable(name.slice(0, MAX_NAME_LENGTH)));
  const more = names.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
