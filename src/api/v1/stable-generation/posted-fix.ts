import { Type } from 'typebox';
import type { ManualEdit } from '../../../database/contracts/manual-vulnerabilities.ts';
import { ClairError } from '../../../errors.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { parseSchemeId, SCHEMES } from '../../../versions/index.ts';
import type { Severity } from '../../../model/severity.ts';
import { PACKAGE_NAME, VERSION } from '../shapes.ts';

/** A fix as clients post it; the namespace of the path counts, whatever it says. */
export const POSTED_FIX: Type.TObject<{
  Name: Type.TString;
  VersionFormat: Type.TOptional<Type.TString>;
  Version: Type.TString;
}> = Type.Object(
  { Name: PACKAGE_NAME, VersionFormat: Type.Optional(Type.String({ maxLength: 32 })), Version: VERSION },
  { title: 'PostedFix' },
);

export type PostedFix = Type.Static<typeof POSTED_FIX>;

/** What a fix says is affected: all versions below it, or all of them with the version `None`. */
export function affectedOf({ Name, Version }: PostedFix, namespace: string, severity: Severity): AffectedPackage {
  if (Version === '')
    throw new ClairError('request/invalid', `the Version of ${Name} is empty; None stands for no fix`);
  const said = { namespace, package: Name, severity };
  return Version === 'None' ? { ...said, status: 'open' } : { ...said, fixed: Version, status: 'fixed' };
}

/**
 * How versions are ordered in a namespace, by the client's word: it counts where nothing else tells.
 *
 * @throws ClairError `request/invalid` for a format that Clair does not know.
 */
export function formatsOf(namespace: string, fixes: readonly PostedFix[] = []): NonNullable<ManualEdit['formats']> {
  const words = new Set(fixes.map(({ VersionFormat = '' }) => VersionFormat).filter((word) => word !== ''));
  const formats = [...words].map((word) => {
    const scheme = parseSchemeId(word);
    if (scheme !== undefined) return [namespace, scheme] as const;
    throw new ClairError(
      'request/invalid',
      `the VersionFormat "${word}" is none of ${Object.keys(SCHEMES).join(', ')}`,
    );
  });
  return new Map(formats);
}
