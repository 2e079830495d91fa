import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { asClairError, ClairError } from '../../errors.ts';

/** Where the certificate of the server is, in PEM form. */
export type TlsFiles = {
  readonly certfile: string;
  readonly keyfile: string;
  /** The authorities of clients, who need a certificate of theirs then. */
  readonly cafile?: string;
};

/** The content of the files. */
export type TlsIdentity = { readonly cert: string; readonly key: string; readonly ca?: string };

/** A file of some hundred authorities has a quarter of it. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the files, and checks that they belong together.
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
    throw asClairError(error, 'config/invalid', `${certfile} and ${keyfile} are no certificate with its key (PEM)`);
  }
  // Node takes a text without any certificate for no authorities at all.
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new ClairError('config/invalid', `api.cafile: ${cafile} holds no certificate (PEM)`);
  }
  if (ca === undefined) return { cert, key };
  try {
    createSecureContext({ ca });
  } catch (error) {
    throw asClairError(error, 'config/invalid', `api.cafile: ${cafile} holds no certificates (PEM)`);
  }
  return { cert, key, ca };
}

/** Whether two identities are one. */
export function isSameIdentity(one: TlsIdentity, other: TlsIdentity): boolean {
  return one.cert === other.cert && one.key === other.key && one.ca === other.ca;
}

async function textOf(key: string, path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_BYTES)
      throw new ClairError('config/invalid', `${key}: ${path} has more than ${MAX_BYTES} bytes`);
    return text;
  } catch (error) {
    throw asClairError(error, 'config/invalid', `${key}: cannot read ${path}`);
  }
}
