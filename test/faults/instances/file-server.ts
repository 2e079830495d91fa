import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FeedVersions } from './feed-versions.ts';

/** Serves layers and the published feed version. */
export type FileServer = {
  readonly urlOf: (file: string) => string;
  readonly feedUrl: string;
  /** Publishes a version of the feed; the first version is 0. */
  readonly publish: (version: number) => void;
  readonly close: () => Promise<void>;
};

/** Starts the server on this machine; the run causes no faults in it. */
export async function startFileServer(files: ReadonlyMap<string, Buffer>, feed: FeedVersions): Promise<FileServer> {
  let published = 0;
  const server = createServer(({ url = '', headers }, response) => {
    if (url === '/feed.json') {
      const etag = `"${published}"`;
      if (headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
      else response.writeHead(200, { etag }).end(feed[published]);
      return;
    }
    const bytes = files.get(url.slice('/layers/'.length));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (file) => `http://127.0.0.1:${port}/layers/${file}`,
    feedUrl: `http://127.0.0.1:${port}/feed.json`,
    publish(version) {
      published = version;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
