/** The errors of the scanner adapter for Harbor. Harbor shows the message and the remedy in the log of the scan. */
export const HARBOR_ERRORS = {
  'harbor/request-invalid': {
    kind: 'invalid',
    when: 'A field of a scan request from Harbor is missing or invalid.',
    remedy: 'Correct the field that the message names.',
  },
  'harbor/unauthenticated': {
    kind: 'unauthenticated',
    when: 'A request from Harbor has missing or invalid credentials.',
    remedy:
      'Edit the scanner in Harbor: enter the credentials of harbor.basic or harbor.apikey, or a token of the server.',
  },
  'harbor/type-unsupported': {
    kind: 'unsupported',
    when: 'Harbor requested a capability or a media type that the adapter does not support.',
    remedy: 'Use a capability and a media type that GET /harbor/api/v1/metadata lists.',
  },
  'harbor/scan-not-found': {
    kind: 'not-found',
    when: 'The server has no Harbor scan with this ID.',
    remedy: 'Start the scan again: scans are kept for 7 days after they end.',
  },
  'harbor/scan-failed': {
    kind: 'unreadable',
    when: 'The image of a scan request from Harbor could not be analysed.',
    remedy: 'Correct the cause that the message names, and start the scan again.',
  },
  'harbor/report-incomplete': {
    kind: 'unreadable',
    when: 'Clair could not check packages of the image, or the report is incomplete and has no findings; Harbor cannot show that a report is incomplete.',
    remedy: 'Correct the cause that the message names, or set harbor.incomplete to report.',
  },
} as const;
