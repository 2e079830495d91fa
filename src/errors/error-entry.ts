export type ErrorEntry = {
  /** The category of the failure, which determines the exit status and the default HTTP status. */
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
  /** The condition for the error as a sentence, such as "The request body is not JSON." */
  readonly when: string;
  /** What the reader of the message can do next. */
  readonly remedy: string;
};
