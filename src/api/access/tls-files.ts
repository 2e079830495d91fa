import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { asClairError, ClairError } from '../../errors.ts';

/** The paths of the certificate files, in PEM format. */
export type TlsFiles = {
  readonly certfile: string;
  readonly keyfile: string;
  /** The CA certificates for clients; if present, clients need a certificate. */
  readonly cafile?: string;
};

/** The content of the certificate files. */
export type TlsIdentity = { readonly cert: string; readonly key: string; readonly ca?: string };

/** The maximum size of a file in bytes: four times the size of a bundle with a few hundred CAs. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the certificate files and checks that the key and the certificate match.
 *
 * @throws ClairError `config/invalid`
 */
export async function readTlsFiles({ certfile, keyfile, cafile }: TlsFiles): Promise<TlsIdentity> {
  const cert = await textOf('api.certfile', certfile);
  const key = await textOf('api.keyfile', keyfile);
  const ca = cafile === undefined ? undefined : await textOf('api.cafile', cafile);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw asClairError(
      error,
      'config/invalid',
      `api.certfile (${certfile}) and api.keyfile (${keyfile}) must be a certificate and its key, both in PEM format`,
    );
  }
  // For a text without certificates, Node uses an empty list of CAs instead of throwing an error.
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ClairError('config/invalid', `api.cafile: ${cafile} contains no certificate in PEM format`);
  }
  if (ca === undefined) return { cert, key };
  try {
    createSecureContext({ ca });
  } catch (error) {
    throw asClairError(error, 'config/invalid', `api.cafile: ${cafile} contains an invalid certificate`);
  }
  return { cert, key, ca };
}

/** Returns whether two identities have the same certificate, key and CA certificates. */
export function isSameIdentity(one: TlsIdentity, other: TlsIdentity): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}

async function textOf(key: string, path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_BYTES)
      throw new ClairError('config/invalid', `${key}: ${path} is larger than ${MAX_BYTES} bytes`);
    return text;
  } catch (error) {
    throw asClairError(error, 'config/invalid', `${key}: cannot read ${path}`);
  }
}
