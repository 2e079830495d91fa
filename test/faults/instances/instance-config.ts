/** Returns the configuration of an instance, with short intervals for a short test. */
export function instanceConfig({ database, feedUrl, endpoint, feedInterval }: InstanceNeeds): object {
  return {
    database,
    worker: { allowedHosts: ['127.0.0.1'], threads: 1 },
    updater: { interval: feedInterval, feeds: ['debian'], addresses: { debian: feedUrl } },
    // Many attempts, because each rejection by the receiver counts as an attempt.
    notifier: { attempts: 20, renotifyinterval: '30s', http: { endpoint } },
  };
}

export type InstanceNeeds = {
  readonly database: object;
  readonly feedUrl: string;
  readonly endpoint: string;
  /** The interval of the updates, such as `2s`. */
  readonly feedInterval: string;
};
