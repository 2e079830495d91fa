import { allBytes } from '../../../bytes/all-bytes.ts';
import { fileBytes } from '../../../bytes/file-bytes.ts';
import type { FindCertificates } from '../../../bytes/http/routes.ts';
import { ClairError } from '../../../errors.ts';
import type { RegistryCredentials } from './docker-credentials.ts';
import { parseImageReference } from '../../../model/image-reference.ts';
import type { CredentialStore } from './registry-auth.ts';
import { openRegistryCertificates } from './registry-certificates.ts';

/** How a server asks one registry for the images that clients submit. */
export type RegistryLogin = {
  /** `HOST[:PORT]`, as references name the registry. */
  readonly host: string;
  /** The repositories that the credentials are for: these, and those below them; all when absent. */
  readonly repositories?: readonly string[];
  /** Authorities (PEM) that are trusted for the host beside the usual ones. */
  readonly cafile?: string;
} & (
  | { readonly username: string; readonly passwordfile: string }
  /** An identity token, as `docker login` is given one. */
  | { readonly tokenfile: string }
);

export type OpenRegistryLogins = {
  readonly credentials: CredentialStore;
  readonly findCertificates: FindCertificates;
};

/** A token has some thousand bytes. */
const MAX_SECRET_BYTES = 64 * 1024;

/**
 * Opens the logins of a server. Their certificates are read now; their secrets now, to see that they are there, and again
 * whenever a registry asks for them, since they may be exchanged meanwhile. Credentials are found for the very host that
 * a login names, port and all, and for no other one; of several logins of a host the first one that has the repository counts.
 *
 * @throws ClairError `config/invalid` for a host that no reference names, and for a file that cannot be read or holds no secret
 * or no certificates; what a secret file holds is never told
 */
export async function openRegistryLogins(logins: readonly RegistryLogin[]): Promise<OpenRegistryLogins> {
  const certificates = new Map<string, readonly string[]>();
  for (const login of logins) {
    const { host, cafile } = login;
    if (parseImageReference(`${host}/some/name`)?.domain !== host) {
      throw new ClairError('config/invalid', `worker.registries: no image is named by the registry ${host}`);
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
          // Where it lies is no business of whoever submits an image.
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

/** Without the line break behind it. */
async function secretIn(path: string): Promise<string> {
  const bytes = await allBytes(fileBytes(path), MAX_SECRET_BYTES);
  const secret = bytes?.toString('utf8').replace(/\r?\n$/, '');
  if (secret !== undefined && secret !== '') return secret;
  throw new ClairError(
    'config/invalid',
    `${path} holds no secret: it is empty, or has more than ${MAX_SECRET_BYTES} bytes`,
  );
}
