/** What sort of failure it is; the only thing that the HTTP and exit status depend on. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'unsupported'
  | 'unreachable'
  | 'unreadable'
  | 'busy'
  | 'disk-full'
  | 'internal';

/**
 * The one table of errors: every failure that Clair reports has a code here, and `docs/errors.md` says the same
 * (a test holds them together). `kind` decides the HTTP status (`api/error-response.ts`) and the exit status
 * (`cli/exit-status.ts`); `remedy` tells whoever reads the message what to do.
 */
const TABLE = {
  'request/invalid': {
    kind: 'invalid',
    remedy: 'Correct the field that the message names and send the request again.',
  },
  'request/not-found': { kind: 'not-found', remedy: 'Check the path and the method against docs/api.md.' },
  'request/unauthenticated': {
    kind: 'unauthenticated',
    remedy:
      'Send a token (docs/operating.md, "Security"): Authorization: Bearer TOKEN; `clair` takes one by --token-file.',
  },
  'request/forbidden': { kind: 'forbidden', remedy: 'Ask the operator of the server for a token with write access.' },
  'request/unknown-host': {
    kind: 'forbidden',
    remedy: 'Use an address of the server, or add the host name to api.hosts (docs/operating.md).',
  },
  'request/cross-site': {
    kind: 'forbidden',
    remedy: 'Send the request from a program or a page of this server; api.hosts has its names.',
  },
  'request/unsupported-type': {
    kind: 'unsupported',
    remedy: 'Send JSON as application/json, or an archive for POST /v2/images as application/x-tar.',
  },
  'request/too-large': { kind: 'too-large', remedy: 'Send less at once: a body may have 1 MiB.' },
  'request/not-json': { kind: 'invalid', remedy: 'Send a body that is JSON, in UTF-8.' },
  'request/timeout': { kind: 'busy', remedy: 'Try again later; the bound is api.timeout.' },
  'request/page-invalid': { kind: 'invalid', remedy: 'Ask for the first page again; tokens are good for an hour.' },
  'answer/limit-exceeded': {
    kind: 'busy',
    remedy: 'The image has more packages or findings than an answer may hold (docs/operating.md).',
  },
  'answer/queue-full': { kind: 'busy', remedy: 'Try again later: the server computes one large answer at a time.' },
  'severity/invalid': { kind: 'invalid', remedy: 'Use one of the severities that docs/api.md lists.' },
  'layer/not-found': { kind: 'not-found', remedy: 'Post the layer first.' },
  'layer/parent-unknown': { kind: 'invalid', remedy: 'Post the layers of an image from its base upwards.' },
  'layer/name-taken': {
    kind: 'invalid',
    remedy: 'Another layer has this name already: use a database of its own for images that are not trusted.',
  },
  'layer/path-not-allowed': {
    kind: 'invalid',
    remedy: 'Name the directory that holds the layers in worker.allowedPaths or by --allow-path, or post a URL.',
  },
  'layer/host-not-allowed': {
    kind: 'invalid',
    remedy: 'Name the private host that holds the layers in worker.allowedHosts or by --allow-host.',
  },
  'bytes/not-found': { kind: 'not-found', remedy: 'Check that the file or the address exists.' },
  'bytes/unreachable': { kind: 'unreachable', remedy: 'Check the address and the network, and try again.' },
  'bytes/truncated': { kind: 'unreadable', remedy: 'Fetch or build it again: the bytes end too early.' },
  'bytes/corrupt': { kind: 'unreadable', remedy: 'Fetch or build it again: the bytes are damaged.' },
  'bytes/unsupported-compression': {
    kind: 'unreadable',
    remedy: 'Compress it in one of the forms that the message lists.',
  },
  'bytes/limit-exceeded': { kind: 'unreadable', remedy: 'It goes beyond a bound of docs/operating.md.' },
  'bytes/digest-mismatch': {
    kind: 'unreadable',
    remedy: 'These are not the bytes that were promised: fetch it again.',
  },
  'image/target-invalid': {
    kind: 'invalid',
    remedy: 'Name a target in one of the forms that `clair scan --help` lists.',
  },
  'image/unknown': {
    kind: 'not-found',
    remedy: 'Scan the image first, or take one of those that GET /v2/images lists.',
  },
  'image/not-found': { kind: 'not-found', remedy: 'Check the path or the name of the image.' },
  'image/unreadable': { kind: 'unreadable', remedy: 'Save the image again: its index or configuration is damaged.' },
  'image/unsupported': { kind: 'unreadable', remedy: 'Push the image again in a form that docs/coverage.md lists.' },
  'report/no-document': { kind: 'not-found', remedy: 'Take the report in another format, such as json.' },
  'image/choice-needed': { kind: 'invalid', remedy: 'Name one of the tags or platforms that the message lists.' },
  'registry/denied': {
    kind: 'unreachable',
    remedy:
      'Check the name, and log in with `docker login` as a user with read access; for a server set worker.registries.',
  },
  'registry/credentials-invalid': {
    kind: 'invalid',
    remedy: 'Correct the Docker configuration file or worker.registries, or log in again.',
  },
  'registry/certificate-invalid': { kind: 'invalid', remedy: 'Name files of certificates in PEM form.' },
  'submission/not-found': {
    kind: 'not-found',
    remedy: 'Submit the image again: submissions are kept for 7 days after they finish.',
  },
  'submission/queue-full': { kind: 'busy', remedy: 'Wait until some of what was submitted before is read.' },
  'submission/too-large': {
    kind: 'too-large',
    remedy: 'Push the image to a registry and submit its reference, or scan the archive with `clair scan`.',
  },
  'submission/upload-broken': { kind: 'unreadable', remedy: 'Send the archive again.' },
  'submission/upload-slow': {
    kind: 'unreadable',
    remedy: 'Send the archive over a faster connection, or push the image to a registry.',
  },
  'submission/upload-lost': {
    kind: 'unreadable',
    remedy: 'Send the archive again: it was only with the instance that it was sent to.',
  },
  'submission/given-up': {
    kind: 'unreadable',
    remedy: 'Scan the image with `clair scan`, and look in the log of the server for what ended it.',
  },
  'submission/timeout': { kind: 'unreachable', remedy: 'Check how fast the registry answers, and submit it again.' },
  'version/invalid': { kind: 'invalid', remedy: 'Use a version that the package manager itself accepts.' },
  'vulnerability/not-found': { kind: 'not-found', remedy: 'Update the feeds, or check the identifier.' },
  'vulnerability/exists': { kind: 'invalid', remedy: 'Change the one that is there, or take another identifier.' },
  'vulnerability/of-feed': {
    kind: 'invalid',
    remedy: 'Remove vulnerabilities of the feed `manual` only: the next update of a feed restores its advisories.',
  },
  'namespace/not-found': { kind: 'not-found', remedy: 'Use one of the namespaces that GET /v1/namespaces lists.' },
  'fix/not-found': { kind: 'not-found', remedy: 'Use one of the features that GET …/fixes lists.' },
  'feed/unknown': { kind: 'invalid', remedy: 'Use one of the feeds that `clair update --help` lists.' },
  'update/offline': {
    kind: 'invalid',
    remedy: 'Name what to read by --from, or set updater.offline to false.',
  },
  'feed/invalid': { kind: 'unreadable', remedy: 'Check that it is what the feed publishes; the old data is kept.' },
  'feed/truncated': { kind: 'unreadable', remedy: 'Download the feed again; the data that was there is kept.' },
  'feed/empty': { kind: 'unreadable', remedy: 'Check what the feed publishes; the data that was there is kept.' },
  'feed/shrunk': {
    kind: 'unreadable',
    remedy:
      'Check what is published; if the smaller feed is right, accept it with --allow-shrink. The old data is kept.',
  },
  'feed/limit-exceeded': { kind: 'unreadable', remedy: 'The feed goes beyond a bound of docs/operating.md.' },
  'feed/program-missing': {
    kind: 'unreachable',
    remedy: 'Install the program that the message names, or give what it would fetch by --from.',
  },
  'update/locked': {
    kind: 'busy',
    remedy: 'Another process updates this feed; wait for it or for its lock to expire.',
  },
  'database/unavailable': {
    kind: 'busy',
    remedy: 'Check the path or address of the database, its disk and permissions, and that PostgreSQL runs.',
  },
  'database/newer-schema': {
    kind: 'busy',
    remedy: 'Use the release of Clair that wrote this database, or a later one.',
  },
  'database/older-schema': {
    kind: 'busy',
    remedy: 'Use a new database: run clair update or clair db import, and submit the images again.',
  },
  'database/value-too-long': {
    kind: 'invalid',
    remedy: 'Use shorter names and versions, or the embedded database.',
  },
  'database/lease-lost': {
    kind: 'busy',
    remedy: 'Another instance does the work by now; see why the database could not be reached for a minute.',
  },
  'housekeeping/locked': { kind: 'busy', remedy: 'Wait for it, or for its lock to expire after a minute.' },
  'copy/not-empty': { kind: 'invalid', remedy: 'Name a new database: a copy needs an empty one.' },
  'copy/source-missing': { kind: 'not-found', remedy: 'Check the path of the source database.' },
  'copy/mismatch': {
    kind: 'internal',
    remedy: 'This is a defect of Clair or of a disk: nothing was written. Please report it.',
  },
  'server/stopping': {
    kind: 'busy',
    remedy: 'Send the request again, to another instance or when the server is back.',
  },
  'server/unreachable': { kind: 'unreachable', remedy: 'Check the address of the server, and that it runs.' },
  'server/busy': { kind: 'busy', remedy: 'Try again later.' },
  'server/no-room': {
    kind: 'busy',
    remedy: 'Try again later; the bound is worker.temporarySpace.',
  },
  'server/disk-full': {
    kind: 'disk-full',
    remedy: 'Ask the operator of the server to free space for temporary files (TMPDIR).',
  },
  'server/refused': { kind: 'unreachable', remedy: 'Do what the server says; its log may say more.' },
  'server/unexpected-answer': {
    kind: 'unreadable',
    remedy: 'Check the address and what stands before the server; it must be a Clair of the same release.',
  },
  'config/invalid': { kind: 'invalid', remedy: 'Correct what the message names; docs/operating.md lists the keys.' },
  'program/not-unpacked': {
    kind: 'invalid',
    remedy: 'Name a folder of your own, from which programs may run, in XDG_CACHE_HOME or TMPDIR.',
  },
  'suppression/invalid': {
    kind: 'invalid',
    remedy: 'Correct what the message names; docs/report.md, "Suppression", describes the files.',
  },
  'cli/usage': { kind: 'invalid', remedy: 'See `clair --help`.' },
  'export/invalid': {
    kind: 'unreadable',
    remedy: 'Copy the file anew from where `clair db export` wrote it; nothing of it was imported.',
  },
  'export/outdated': {
    kind: 'invalid',
    remedy: 'Bring a later export, or take this one all the same with --force; the data that was there is kept.',
  },
  'export/unsupported': {
    kind: 'unreadable',
    remedy: 'Use the release of Clair that wrote the file, or a later one; nothing of it was imported.',
  },
  'export/unwritable': {
    kind: 'busy',
    remedy: 'Name a file in a directory that may be written, on a disk with room; a file of that name is kept.',
  },
  'notification/not-found': { kind: 'not-found', remedy: 'Use the name that a message gave, as it is.' },
  'notification/not-given-up': {
    kind: 'conflict',
    remedy: 'Retry only notifications that `GET /v2/notifications?state=dead` lists.',
  },
  'notification/refused': {
    kind: 'unreachable',
    remedy: 'See why the receiver refuses it; `clair notifications` lists what was given up.',
  },
  'notification/undeliverable': {
    kind: 'unreachable',
    remedy:
      'Check the receiver that notifier.http or notifier.amqp names; `clair notifications` lists what was given up.',
  },
  internal: { kind: 'internal', remedy: 'This is a defect of Clair: please report it with the log.' },
} as const;

export type ErrorCode = keyof typeof TABLE;

export const ERRORS: Readonly<Record<ErrorCode, { readonly kind: ErrorKind; readonly remedy: string }>> = TABLE;

/**
 * The one error that Clair throws on purpose. `message` says what is wrong and where, in words for people;
 * `code` is stable and for programs; `cause` is what went wrong below, if anything.
 */
export class ClairError extends Error {
  override readonly name = 'ClairError';
  readonly code: ErrorCode;
  /** When to try again, in milliseconds from now, where that is known. */
  readonly retryAfter?: number;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfter?: number | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }
}

/** Gives `error` itself when it is a ClairError, else wraps it under `code` with `message` and keeps it as the cause. */
export function asClairError(error: unknown, code: ErrorCode, message: string): ClairError {
  if (error instanceof ClairError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ClairError(code, `${message}: ${reason}`, { cause: error });
}

/** What work came to, as plain data: nothing else can be sent between threads, and an error goes through as its words. */
export type Outcome<Value> =
  | { readonly value: Value }
  | { readonly failure: { readonly code: ErrorCode; readonly message: string } };

/** Does the work; of its errors, those that Clair throws on purpose become an outcome. */
export async function outcomeOf<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof ClairError)) throw error;
    return { failure: { code: error.code, message: error.message } };
  }
}

/** Gives what the work gave. @throws ClairError as the work did. */
export function outcomeValue<Value>(outcome: Outcome<Value>): Value {
  if ('value' in outcome) return outcome.value;
  throw new ClairError(outcome.failure.code, outcome.failure.message);
}
