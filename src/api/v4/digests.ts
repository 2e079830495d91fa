import { Type } from 'typebox';
import { type Digest, isDigest } from '../../model/digest.ts';
import { ClairError } from '../../errors.ts';
import { textOf } from '../request-shape.ts';

/** A digest in requests: hexadecimal digits in upper or lower case, as in Clair v4. */
export const POSTED_DIGEST: Type.TString = Type.String({
  ...textOf(
    '^(?:sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$',
    'a digest (sha256: and 64 hexadecimal digits, or sha512: and 128)',
  ),
  description: 'sha256: and 64 hexadecimal digits, or sha512: and 128',
});

/** The path parameter of an image. */
export const ONE_IMAGE: Type.TObject<{ digest: Type.TString }> = Type.Object({
  digest: Type.String({
    ...POSTED_DIGEST,
    description: 'digest of the manifest: sha256: and 64 hexadecimal digits, or sha512: and 128',
  }),
});

export type OneImage = { readonly digest: string };

/** Returns the canonical form of a digest that matches {@link POSTED_DIGEST}. @throws ClairError `request/invalid` */
export function canonicalDigest(text: string): Digest {
  const digest = text.toLowerCase();
  if (isDigest(digest)) return digest;
  throw new ClairError(
    'request/invalid',
    `the digest ${JSON.stringify(text)} is invalid: use sha256: and 64 hexadecimal digits, or sha512: and 128`,
  );
}
