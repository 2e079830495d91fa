import { createSecureContext } from 'node:tls';
import { asClairError, ClairError } from '../errors.ts';
import { allBytes } from './all-bytes.ts';
import { fileBytes } from './file-bytes.ts';

/** Files in PEM form by which an encrypted connection is made. */
export type CertificateFiles = {
  /** The authorities that the other side is judged by, instead of the usual ones. */
  readonly cafile?: string;
  /** What is shown to the other side, with its key. */
  readonly certfile?: string;
  readonly keyfile?: string;
};

/** What the files hold, in PEM form, as `tls.connect` takes it; what is not named is absent. */
export type Certificates = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** The bundles of whole systems have some 250 KB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the certificates of a connection.
 *
 * @param section the section of the configuration that names the files, for messages
 * @throws ClairError `config/invalid` for a file that cannot be read or holds nothing of the kind, a certificate without
 * its key, or a key without its certificate.
 */
export async function readCertificates(
  { cafile, certfile, keyfile }: CertificateFiles,
  section: string,
): Promise<Certificates> {
  if ((certfile === undefined) !== (keyfile === undefined)) {
    throw new ClairError('config/invalid', `${section}: certfile and keyfile belong together, and one is missing`);
  }
  const certificates = {
    ...(cafile !== undefined && { ca: await readText(cafile, `${section}.cafile`) }),
    ...(certfile !== undefined && { cert: await readText(certfile, `${section}.certfile`) }),
    ...(keyfile !== undefined && { key: await readText(keyfile, `${section}.keyfile`) }),
  };
  try {
    // Now, and not at the first connection.
    createSecureContext(certificates);
  } catch (error) {
    throw asClairError(error, 'config/invalid', `${section}: the certificates cannot be used`);
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
    throw new ClairError('config/invalid', `${key}: ${path} is not in PEM form`);
  return text;
}
