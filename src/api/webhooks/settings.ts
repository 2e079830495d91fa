/** The kinds of registries that can send webhooks to the server. */
export const WEBHOOK_KINDS = [
  'distribution',
  'harbor',
  'quay',
  'github',
  'gitlab',
  'dockerhub',
  'artifactory',
] as const;

export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/** The webhook settings (section `webhooks` of the configuration), with a secret for each enabled kind. */
export type WebhookSettings = Readonly<Partial<Record<WebhookKind, string>>> & {
  /** The registries whose images may be submitted, in the form `HOST[:PORT]` as in image references. */
  readonly registries: readonly string[];
};
