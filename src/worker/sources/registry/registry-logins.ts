import { allBytes } from '../../../bytes/all-bytes.ts';
import { fileBytes } from '../../../bytes/file-bytes.ts';
import type { FindCertificates } from '../../../bytes/http/routes.ts';
import { ClairError } from '../../../errors.ts';
import type { RegistryCredentials } from './docker-credentials.ts';
import { parseImageReference } from '../../../model/image-reference.ts';
import type { CredentialStore } from './registry-auth.ts';
import { openRegistryCertificates } from './registry-certificates.ts';

/** The access of a server to one registry for submitted images. */
export type RegistryLogin = {
  /** `HOST[:PORT]`, as references name the registry. */
  readonly host: string;
  /**
   * The repositories that the credentials are valid for, including repositories below them; if absent, all
   * repositories.
   */
  readonly repositories?: readonly string[];
  /** Extra CA certificates (PEM) for the host. */
  readonly cafile?: string;
} & (
  | { readonly username: string; readonly passwordfile: string }
  /** A file with an identity token from `docker login`. */
  | { readonly tokenfile: string }
);

export type OpenRegistryLogins = {
  readonly credentials: CredentialStore;
  readonly findCertificates: FindCertificates;
};

/** A token is several thousand bytes long. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * Opens the logins of a server. Reads certificates once; reads secrets now to check them, and again for each use,
 * because secrets may be rotated. Credentials are valid only for the exact host of a login, including the port; the
 * first login with a matching repository is used.
 *
 * @throws ClairError `config/invalid` for a malformed host, and for a file that is unreadable or has no secret or
 * certificate; the message never contains a secret
 */
export async function openRegistryLogins(logins: readonly RegistryLogin[]): Promise<OpenRegistryLogins> {
  const certificates = new Map<string, readonly string[]>();
  for (const login of logins) {
    const { host, cafile } = login;
    if (parseImageReference(`${host}/some/name`)?.domain !== host) {
      throw new ClairError(
        'config/invalid',
        `worker.registries: ${host} is not a registry host: use HOST[:PORT], or docker.io for Docker Hub`,
      );
    }
    try {
      await credentialsOf(login);
      if (cafile !== undefined) {
        const name = host.replace(/:443$/, '');
        const named = await openRegistryCertificates({ files: [cafile], folders: [] });
        certificates.set(name, [...(certificates.get(name) ?? []), ...(await named(name))]);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ClairError('config/invalid', `worker.registries: ${host}: ${reason}`, { cause: error });
    }
  }
  return {
    credentials: {
      name: 'worker.registries',
      async find({ domain, repository }) {
        const login = logins.find((each) => each.host === domain && isFor(each, repository));
        try {
          return login && (await credentialsOf(login));
        } catch (error) {
          // Clients must not learn the path of the file.
          const message = `the credentials of this server for ${domain} cannot be read`;
          throw new ClairError('registry/credentials-invalid', message, { cause: error });
        }
      },
    },
    findCertificates: async (host) => certificates.get(host) ?? [],
  };
}

function isFor({ repositories }: RegistryLogin, repository: string): boolean {
  return repositories === undefined || repositories.some((each) => `${repository}/`.startsWith(`${each}/`));
}

async function credentialsOf(login: RegistryLogin): Promise<RegistryCredentials> {
  if ('tokenfile' in login) return { identityToken: await secretIn(login.tokenfile) };
  return { username: login.username, secret: await secretIn(login.passwordfile) };
}

async function secretIn(path: string): Promise<string> {
  const bytes = await allBytes(fileBytes(path), MAX_SECRET_BYTES);
  const secret = bytes?.toString('utf8').replace(/\r?\n$/, '');
  if (secret !== undefined && secret !== '') return secret;
  const why = secret === undefined ? `exceeds ${MAX_SECRET_BYTES} bytes` : 'is empty';
  throw new ClairError('config/invalid', `${path} contains no secret: the file ${why}`);
}
