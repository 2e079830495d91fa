import { Type } from 'typebox';
import type { ManualEdit } from '../../../database/contracts/manual-vulnerabilities.ts';
import { ClairError } from '../../../errors.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { parseSchemeId, SCHEME_LIST, SCHEMES } from '../../../versions/index.ts';
import type { Severity } from '../../../model/severity.ts';
import { PACKAGE_NAME } from '../shapes.ts';

/** A fix in a request; the path names its namespace. */
export const POSTED_FIX: Type.TObject<{
  Name: Type.TString;
  VersionFormat: Type.TOptional<Type.TString>;
  Version: Type.TString;
}> = Type.Object(
  {
    Name: PACKAGE_NAME,
    VersionFormat: Type.Optional(
      Type.String({ maxLength: 32, description: `version scheme for a new namespace: ${SCHEME_LIST}` }),
    ),
    Version: Type.String({ maxLength: 256, description: 'fixed version; `None` if there is no fix' }),
  },
  { title: 'PostedFix' },
);

export type PostedFix = Type.Static<typeof POSTED_FIX>;

/**
 * Returns the package that a fix describes, with its affected versions: all versions below the fixed version, or all
 * versions if the fixed version is `None`.
 *
 * @throws ClairError `request/invalid` for an empty version
 */
export function affectedOf({ Name, Version }: PostedFix, namespace: string, severity: Severity): AffectedPackage {
  if (Version === '')
    throw new ClairError('request/invalid', `the Version of ${Name} is empty: use None if there is no fix`);
  const said = { namespace, package: Name, severity };
  return Version === 'None' ? { ...said, status: 'open' } : { ...said, fixed: Version, status: 'fixed' };
}

/**
 * Returns the version scheme that the fixes name for a namespace; empty if no fix names a scheme. The scheme applies
 * only if the namespace is not yet stored.
 *
 * @throws ClairError `request/invalid` for an unknown format
 */
export function formatsOf(namespace: string, fixes: readonly PostedFix[] = []): NonNullable<ManualEdit['formats']> {
  const words = new Set(fixes.map(({ VersionFormat = '' }) => VersionFormat).filter((word) => word !== ''));
  const formats = [...words].map((word) => {
    const scheme = parseSchemeId(word);
    if (scheme !== undefined) return [namespace, scheme] as const;
    throw new ClairError(
      'request/invalid',
      `the VersionFormat "${word}" is unknown: use one of ${Object.keys(SCHEMES).join(', ')}`,
    );
  });
  return new Map(formats);
}
