export const REQUEST_ERRORS = {
  'request/invalid': {
    kind: 'invalid',
    when: 'A field or parameter of the request is invalid.',
    remedy: 'Correct the field that the message names and send the request again.',
  },
  'request/not-found': {
    kind: 'not-found',
    when: 'The API has no route with this path and method.',
    remedy: 'Check the path and the method against docs/reference/api-v1.md, api-v2.md or api-v4.md.',
  },
  'request/unauthenticated': {
    kind: 'unauthenticated',
    when: 'The token of the request is missing or invalid.',
    remedy: 'Send the header "Authorization: Bearer TOKEN"; clair reads a token from --token-file or CLAIR_TOKEN.',
  },
  'request/forbidden': {
    kind: 'forbidden',
    when: 'The token has read-only access.',
    remedy: 'Ask the operator of the server for a token with write access.',
  },
  'request/unknown-host': {
    kind: 'forbidden',
    when: 'The Host header is not a host name of this server.',
    remedy: 'Use an address of the server, or add the host name to api.hosts or --api-host.',
  },
  'request/cross-site': {
    kind: 'forbidden',
    when: 'A web page of another site sent a write request.',
    remedy: 'Send the request from a program or from the web UI of this server at a host name in api.hosts.',
  },
  'request/unsupported-type': {
    kind: 'unsupported',
    when: 'The Content-Type or Content-Encoding of the request body is not supported.',
    remedy: 'Send JSON as application/json, or another type that the message lists, without Content-Encoding.',
  },
  'request/too-large': {
    kind: 'too-large',
    when: 'The request body exceeds the limit of its route, for most routes 1 MiB.',
    remedy: 'Send a smaller body, or several smaller requests; docs/reference/limits.md lists the limits.',
  },
  'request/method-not-allowed': {
    kind: 'invalid',
    when: 'The path does not support the method.',
    remedy: 'Use a method that docs/reference/api-v4.md lists for the path.',
  },
  'request/not-acceptable': {
    kind: 'unsupported',
    when: 'The Accept header allows none of the media types of the response.',
    remedy: 'Accept application/json.',
  },
  'request/not-json': {
    kind: 'invalid',
    when: 'The request body is not JSON.',
    remedy: 'Send a JSON body in UTF-8.',
  },
  'request/timeout': {
    kind: 'busy',
    when: 'The server did not finish the request within api.timeout.',
    remedy: 'Try again later, or raise api.timeout.',
  },
  'request/page-invalid': {
    kind: 'invalid',
    when: 'The page token is invalid, has expired, or belongs to another list.',
    remedy: 'Request the first page again; page tokens expire after an hour.',
  },
  'answer/limit-exceeded': {
    kind: 'busy',
    when: 'The computation of a response takes too much memory or time, for example for a report with very many findings.',
    remedy: 'For a report, scan the image with clair scan; docs/reference/limits.md lists the limits.',
  },
  'answer/read-too-slow': {
    kind: 'busy',
    when: 'The client read a long response too slowly, so the server aborted the response.',
    remedy: 'Read the response at 26 KB per second or faster.',
  },
  'answer/queue-full': {
    kind: 'busy',
    when: 'Too many large responses are queued.',
    remedy: 'Try again later: the server computes one large response at a time.',
  },
  'severity/invalid': {
    kind: 'invalid',
    when: 'The request names an unknown severity.',
    remedy: 'Use one of the severities that the message lists.',
  },
  'file-rule/not-found': {
    kind: 'not-found',
    when: 'No file rule has this name.',
    remedy: 'List the file rules with clair file-rules list or GET /v2/file-rules.',
  },
  'file-rule/exists': {
    kind: 'conflict',
    when: 'A file rule with this name already exists.',
    remedy: 'Choose another name, or delete the existing rule first.',
  },
  'file-rule/limit-exceeded': {
    kind: 'invalid',
    when: 'The new file rule would exceed the maximum number of rules, or of files in all rules.',
    remedy: 'Delete unused rules; docs/reference/limits.md lists the limits.',
  },
  'ignore-rule/invalid': {
    kind: 'invalid',
    when: 'An ignore rule has a missing, unknown or invalid key, is too long, or has already expired.',
    remedy: 'Correct the keys; docs/reference/report.md lists them.',
  },
  'ignore-rule/not-found': {
    kind: 'not-found',
    when: 'No ignore rule has this name, or the rule to end has already ended.',
    remedy: 'List the ignore rules with clair ignore-rules list or GET /v2/ignore-rules.',
  },
  'ignore-rule/limit-exceeded': {
    kind: 'invalid',
    when: 'The new ignore rule would exceed the maximum number of rules, or the maximum total length of all rules.',
    remedy: 'End unused rules, or write one rule with several IDs.',
  },
  'layer/not-found': {
    kind: 'not-found',
    when: 'The server has no layer with this name.',
    remedy: 'Post the layer first.',
  },
  'layer/parent-unknown': {
    kind: 'invalid',
    when: 'The server does not have the parent of a posted layer.',
    remedy: 'Post the layers of an image in order, starting with the base layer.',
  },
  'layer/name-taken': {
    kind: 'invalid',
    when: 'A layer with the name of the posted layer is already stored with different content or a different parent.',
    remedy:
      'Post the layer under another name. Clients choose layer names, so use a separate database for untrusted clients.',
  },
  'layer/path-not-allowed': {
    kind: 'invalid',
    when: 'A posted layer path is outside the allowed directories.',
    remedy: 'Add the directory of the layers to worker.allowedPaths or --allow-path, or post a URL.',
  },
  'layer/host-not-allowed': {
    kind: 'invalid',
    when: 'A posted URL or image reference names a private host that is not allowed.',
    remedy: 'Add the host to worker.allowedHosts or --allow-host.',
  },
  'version/invalid': {
    kind: 'invalid',
    when: 'A package version violates the rules of its package manager.',
    remedy: 'Use a version that the package manager accepts.',
  },
  'vulnerability/not-found': {
    kind: 'not-found',
    when: 'No feed lists the vulnerability, or none of its advisories is for the requested namespace.',
    remedy: 'Check the identifier, and update the feeds with clair update.',
  },
  'vulnerability/exists': {
    kind: 'invalid',
    when: 'A vulnerability with this identifier already exists.',
    remedy: 'Update the existing vulnerability, or use another identifier.',
  },
  'vulnerability/of-feed': {
    kind: 'invalid',
    when: 'The request removes an advisory or a fix that comes from a feed.',
    remedy: 'Remove only manual vulnerabilities: the next update of a feed restores its advisories.',
  },
  'namespace/not-found': {
    kind: 'not-found',
    when: 'The server has no namespace with this name.',
    remedy: 'Use one of the namespaces that GET /v1/namespaces lists.',
  },
  'fix/not-found': {
    kind: 'not-found',
    when: 'The vulnerability does not affect the feature.',
    remedy: 'Use one of the features that GET /v1/namespaces/NAMESPACE/vulnerabilities/NAME/fixes lists.',
  },
  'notification/not-found': {
    kind: 'not-found',
    when: 'The server has no notification with this name.',
    remedy: 'Use the name from the delivered message unchanged.',
  },
  'notification/not-given-up': {
    kind: 'conflict',
    when: 'The notification to retry has not failed.',
    remedy: 'Retry only notifications that GET /v2/notifications?state=dead lists.',
  },
  'notification/refused': {
    kind: 'unreachable',
    when: 'A receiver rejected a notification.',
    remedy:
      'Check the receiver and its log (for AMQP, the exchange and the routing key); clair notifications lists failed notifications.',
  },
  'notification/undeliverable': {
    kind: 'unreachable',
    when: 'A receiver of notifications cannot be reached.',
    remedy:
      'Check the receiver in notifier.http, notifier.amqp or notifier.v4; clair notifications lists failed notifications.',
  },
} as const;
