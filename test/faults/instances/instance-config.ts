/** The configuration of an instance, with short times where what is tried would take hours. */
export function instanceConfig({ database, feedUrl, endpoint, feedInterval }: InstanceNeeds): object {
  return {
    database,
    worker: { allowedHosts: ['127.0.0.1'], threads: 1 },
    updater: { interval: feedInterval, feeds: ['debian'], addresses: { debian: feedUrl } },
    // Each refusal of the receiver counts.
    notifier: { attempts: 20, renotifyinterval: '30s', http: { endpoint } },
  };
}

export type InstanceNeeds = {
  readonly database: object;
  readonly feedUrl: string;
  /** Where notifications go. */
  readonly endpoint: string;
  /** The time between two looks at the feed, such as `2s`. */
  readonly feedInterval: string;
};
