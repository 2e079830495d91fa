export const WEBHOOK_ERRORS = {
  'webhook/off': {
    kind: 'not-found',
    when: 'A registry sent a webhook, and the configuration has no secret for this kind of registry.',
    remedy: 'Set the secret of the registry in the section webhooks of the configuration.',
  },
  'webhook/unauthenticated': {
    kind: 'unauthenticated',
    when: 'A webhook does not contain the configured secret, or its signature is wrong.',
    remedy: 'Use the same secret in the registry and in the section webhooks of the configuration.',
  },
} as const;
