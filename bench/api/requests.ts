import autocannon from 'autocannon';

const CONNECTIONS = 8;

export type Load = Omit<autocannon.Options, 'connections'>;

/**
 * Sends requests over eight connections.
 * @throws Error when a request fails or the status of a response is not 2xx
 */
export async function sendRequests(load: Load): Promise<autocannon.Result> {
  return checked(await autocannon({ connections: CONNECTIONS, ...load }));
}

/** Sends requests at a fixed rate per second until `work` is done. */
export async function sendDuring(load: Load, work: Promise<void>): Promise<autocannon.Result> {
  const result = new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon({ connections: CONNECTIONS, duration: 3600, ...load }, (error, done) => {
      if (error instanceof Error) reject(error);
      else resolve(done);
    });
    void work.finally(() => instance.stop()).catch(() => undefined);
  });
  await work;
  return checked(await result);
}

function checked(result: autocannon.Result): autocannon.Result {
  const failed = result.errors + result.non2xx;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} requests failed`);
  return result;
}
