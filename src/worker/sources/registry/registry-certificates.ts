import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { fileBytes } from '../../../bytes/file-bytes.ts';
import type { FindCertificates } from '../../../bytes/http/routes.ts';
import { ClairError } from '../../../errors.ts';

/** Where the certificates of private authorities are, which sign for registries. */
export type RegistryCertificates = {
  /** Files that count for every registry. */
  readonly files: readonly string[];
  /**
   * Folders in which one named `HOST[:PORT]` holds those of that registry, in files `*.crt` (Docker, "Verify repository
   * client with certificates"; containers-certs.d(5)).
   */
  readonly folders: readonly string[];
};

/** The bundles of whole systems have some 250 KB. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Nobody trusts that many authorities for one registry. */
const MAX_FILES = 100;

/**
 * Reads the certificates that count for every registry now, and gives what finds those of one as well. Keys and
 * certificates of clients, which may lie in the same folders, are not used.
 *
 * @throws ClairError `registry/certificate-invalid` for a file that cannot be read, holds no certificate in PEM form (RFC
 * 7468) or a broken one; from here, or when a registry is asked
 */
export async function openRegistryCertificates({ files, folders }: RegistryCertificates): Promise<FindCertificates> {
  if (files.length > MAX_FILES) throw invalid(`more than ${MAX_FILES} files of certificates are named`);
  const named = await readAll(files);
  return async (host) => {
    // As the name of a folder, dots alone would lead out.
    if (/^\.+(:\d+)?$/.test(host)) return named;
    // Folders are named as references name registries, which may say the port that addresses leave out.
    const names = /:\d+$/.test(host) ? [host] : [host, `${host}:443`];
    const found = await Promise.all(
      folders.flatMap((folder) => names.map(async (name) => await certificatesIn(join(folder, name)))),
    );
    return [...named, ...found.flat()];
  };
}

async function certificatesIn(folder: string): Promise<readonly string[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.crt')).toSorted();
  if (names.length > MAX_FILES) throw invalid(`${folder} holds more than ${MAX_FILES} files of certificates`);
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
  if (certificates.length === 0) throw invalid(`${path} holds no certificate in PEM form`);
  for (const certificate of certificates) {
    try {
      // Node itself passes over what it cannot read, and then trusts nobody.
      void new X509Certificate(certificate);
    } catch (error) {
      throw invalid(`${path} holds a certificate that cannot be read`, error);
    }
  }
  return certificates;
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await allBytes(fileBytes(path), MAX_FILE_BYTES);
  } catch (error) {
    // It says already which file cannot be read.
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
  if (bytes === undefined) throw invalid(`${path} is larger than ${MAX_FILE_BYTES} bytes`);
  return bytes.toString('latin1');
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function invalid(message: string, cause?: unknown): ClairError {
  return new ClairError('registry/certificate-invalid', message, { cause });
}
