import { createSecureContext } from 'node:tls';
import { asClairError, ClairError } from '../errors.ts';
import { allBytes } from './all-bytes.ts';
import { fileBytes } from './file-bytes.ts';

export type CertificateFiles = {
  /** The path of a PEM file with the certificate authorities to trust instead of the default authorities. */
  readonly cafile?: string;
  readonly certfile?: string;
  readonly keyfile?: string;
};

/** PEM texts for `tls.connect`. */
export type Certificates = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** The maximum size of a file. System-wide CA bundles are about 250 KB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the certificates and the key for a connection.
 *
 * @param section the configuration section that names the files, for messages
 * @throws ClairError `config/invalid` for a file that is unreadable, too large, not PEM or not usable for TLS, a
 * certificate without its key, or a key without its certificate.
 */
export async function readCertificates(
  { cafile, certfile, keyfile }: CertificateFiles,
  section: string,
): Promise<Certificates> {
  if ((certfile === undefined) !== (keyfile === undefined)) {
    throw new ClairError('config/invalid', `${section}: certfile and keyfile must be set together`);
  }
  const certificates = {
    ...(cafile !== undefined && { ca: await readText(cafile, `${section}.cafile`) }),
    ...(certfile !== undefined && { cert: await readText(certfile, `${section}.certfile`) }),
    ...(keyfile !== undefined && { key: await readText(keyfile, `${section}.keyfile`) }),
  };
  try {
    // Detect an invalid certificate at startup rather than at the first connection.
    createSecureContext(certificates);
  } catch (error) {
    throw asClairError(error, 'config/invalid', `${section}: the certificates or the private key cannot be used`);
  }
  return certificates;
}

async function readText(path: string, key: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await allBytes(fileBytes(path), MAX_FILE_BYTES);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClairError('config/invalid', `${key}: ${reason}`, { cause: error });
  }
  if (bytes === undefined)
    throw new ClairError('config/invalid', `${key}: ${path} is larger than ${MAX_FILE_BYTES} bytes`);
  const text = bytes.toString('latin1');
  if (!/-----BEGIN [A-Z ]+-----/.test(text))
    throw new ClairError('config/invalid', `${key}: ${path} is not in PEM format`);
  return text;
}
