import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { fileBytes } from '../../../bytes/file-bytes.ts';
import type { FindCertificates } from '../../../bytes/http/routes.ts';
import { ClairError } from '../../../errors.ts';

export type RegistryCertificates = {
  /** The certificate files for every registry. */
  readonly files: readonly string[];
  /**
   * Folders with subfolders `HOST[:PORT]`, whose files `*.crt` are for that registry (Docker, "Verify repository client
   * with certificates"; containers-certs.d(5)).
   */
  readonly folders: readonly string[];
};

/** System-wide CA bundles are about 250 KB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** No real registry needs this many authorities. */
const MAX_FILES = 100;

/**
 * Reads the certificates for every registry, and returns a function that adds the certificates of one registry. Ignores
 * client keys and certificates, which may be in the same folders.
 *
 * @throws ClairError `registry/certificate-invalid` for more than 100 files, and for a file that is unreadable or too
 * large, has no PEM certificate (RFC 7468) or a broken certificate; also from the returned function
 */
export async function openRegistryCertificates({ files, folders }: RegistryCertificates): Promise<FindCertificates> {
  if (files.length > MAX_FILES) throw invalid(`more than ${MAX_FILES} certificate files are given: ${files.length}`);
  const named = await readAll(files);
  return async (host) => {
    // A host that consists of dots would name a parent folder.
    if (/^\.+(:\d+)?$/.test(host)) return named;
    // A folder name may include the port 443, which addresses omit.
    const names = /:\d+$/.test(host) ? [host] : [host, `${host}:443`];
    const found = await Promise.all(
      folders.flatMap((folder) => names.map(async (name) => await certificatesIn(join(folder, name)))),
    );
    return [...named, ...found.flat()];
  };
}

async function certificatesIn(folder: string): Promise<readonly string[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.crt')).toSorted();
  if (names.length > MAX_FILES) throw invalid(`${folder} has more than ${MAX_FILES} certificate files`);
  return await readAll(names.map((name) => join(folder, name)));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw invalid(`${folder} cannot be read: ${String(code)}`, error);
  }
}

async function readAll(paths: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(paths.map(readCertificates))).flat();
}

async function readCertificates(path: string): Promise<readonly string[]> {
  const text = await readText(path);
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw invalid(`${path} contains no certificate in PEM format`);
  for (const certificate of certificates) {
    try {
      // Node silently skips certificates that it cannot parse.
      void new X509Certificate(certificate);
    } catch (error) {
      throw invalid(`${path} contains an invalid certificate`, error);
    }
  }
  return certificates;
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await allBytes(fileBytes(path), MAX_FILE_BYTES);
  } catch (error) {
    // The message already names the file.
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
  if (bytes === undefined) throw invalid(`${path} is larger than ${MAX_FILE_BYTES} bytes`);
  return bytes.toString('latin1');
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function invalid(message: string, cause?: unknown): ClairError {
  return new ClairError('registry/certificate-invalid', message, { cause });
}
