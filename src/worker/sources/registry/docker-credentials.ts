import { execFile } from 'node:child_process';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../../../errors.ts';

/**
 * The credentials for a registry: user name and password, an identity token from `docker login` that is exchanged for
 * access tokens (distribution, "Oauth2 Token Authentication"), or an access token. The credentials are never logged or
 * shown.
 */
export type RegistryCredentials =
  | { readonly username: string; readonly secret: string }
  | { readonly identityToken: string }
  | { readonly accessToken: string };

/** The timeout of a helper, which may query a keyring. */
const HELPER_TIMEOUT_MS = 30_000;
const MAX_HELPER_OUTPUT = 64 * 1024;

/** The user name that marks an identity token (docker-credential-helpers). */
const IDENTITY_TOKEN = '<token>';

/**
 * Runs the program `docker-credential-NAME` to get the credentials of a registry (docker-credential-helpers,
 * "Development": the address on standard input, JSON on standard output); undefined when the program has no
 * credentials.
 *
 * @param server the address of the registry for `docker login`
 * @throws ClairError `registry/credentials-invalid` when the program is missing, fails, does not respond within 30 s,
 * or responds with invalid or too much output. Messages never contain the output of the program.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  {
    signal,
    timeout = HELPER_TIMEOUT_MS,
  }: { readonly signal?: AbortSignal | undefined; readonly timeout?: number } = {},
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${name}`;
  const failed = (reason: string): ClairError =>
    new ClairError('registry/credentials-invalid', `the credential helper ${program} ${reason}`);
  if (!/^[\w.-]+$/.test(name)) throw failed('has an invalid name: use letters, digits and . _ -');
  const { error, output } = await run(program, server, timeout, signal);
  if (error !== undefined) {
    // Only this response means "no credentials" (docker-credential-helpers, credentials/error.go).
    if (output.trim() === 'credentials not found in native keychain') return undefined;
    // The error has no cause, because the message of the cause contains the program's output.
    throw failed(reasonOf(error, timeout));
  }
  const answer = parsed(output);
  if (!Value.Check(ANSWER, answer)) throw failed('did not return a user name and a secret');
  if (answer.Username === IDENTITY_TOKEN) return { identityToken: answer.Secret };
  return { username: answer.Username, secret: answer.Secret };
}

type Outcome = { readonly error: ExecError | undefined; readonly output: string };

type ExecError = Error & { readonly code?: number | string | null; readonly killed?: boolean };

async function run(program: string, input: string, timeout: number, signal: AbortSignal | undefined): Promise<Outcome> {
  return await new Promise((resolve) => {
    const options = {
      timeout,
      maxBuffer: MAX_HELPER_OUTPUT,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    } as const;
    const child = execFile(program, ['get'], options, (error, output) =>
      resolve({ error: error ?? undefined, output }),
    );
    // A helper that ends without reading closes the pipe; its exit status explains the failure.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function reasonOf({ code, killed = false }: ExecError, timeout: number): string {
  if (code === 'ENOENT') return 'is not installed';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `wrote more than ${MAX_HELPER_OUTPUT} bytes`;
  if (killed) return `did not respond within ${timeout / 1000} seconds`;
  if (typeof code === 'number') return `failed with exit status ${code}`;
  return `failed (${code ?? 'terminated by a signal'})`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ANSWER = Type.Object({ Username: Type.String(), Secret: Type.String() });
