export type ErrorEntry = {
  /** The category of the failure, from which the HTTP status and the exit status follow. */
  readonly kind:
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
  /** The condition for the error, as a clause: "The request body is not JSON". */
  readonly when: string;
  /** The next step for the reader of the message. */
  readonly remedy: string;
};
