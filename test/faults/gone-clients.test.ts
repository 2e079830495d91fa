import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startClairServer } from '../../src/api/testing/clair-server.ts';

it('stops the work for a client that disconnects, and logs no error', async () => {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const server = await startClairServer(['127.0.0.1'], { log });
  const slow = createServer((_request, response) => void response.write('the beginning of a layer'));
  await once(slow.listen(0, '127.0.0.1'), 'listening');
  try {
    const Path = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/layer.tar`;
    const client = new AbortController();
    const asked = once(slow, 'request');
    const answer = fetch(`${server.url}/v1/layers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ID: 'a', Path }),
      signal: client.signal,
    });
    const [, response] = await asked;
    const left = once(response, 'close');
    client.abort();
    await expect(answer).rejects.toThrow('aborted');
    await left;
    await expect
      .poll(() => lines.map(({ msg }) => msg))
      .toEqual(expect.arrayContaining(['the client aborted the request']));
    expect(lines.filter(({ level }) => level > 30)).toEqual([]);
  } finally {
    slow.closeAllConnections();
    slow.close();
    await server.close();
  }
});
