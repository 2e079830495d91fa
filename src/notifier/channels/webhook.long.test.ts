import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createPrivateAuthority } from '../../bytes/testing/private-authority.ts';
import type { WebhookSettings } from '../notifier-settings.ts';
import type { Channel, Message } from './channel.ts';
import { openWebhook } from './webhook.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-webhook-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MESSAGE: Message = { id: 'n-1', body: Buffer.from('{"Notification":{"Name":"n-1"}}') };
const open: { server: Server; channel?: Channel }[] = [];
afterEach(async () => {
  for (const { server, channel } of open.splice(0)) {
    await channel?.close();
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  open.push({ server });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function channelTo(endpoint: string, rest: Partial<WebhookSettings> = {}): Promise<Channel> {
  const channel = await openWebhook({ endpoint, payload: 'reference', timeout: 1000, ...rest }, '1.2.3');
  open.push({ server: createServer(), channel });
  return channel;
}

const never = new AbortController().signal;

async function outcome(channel: Channel): Promise<string> {
  return await channel.deliver(MESSAGE, never).then(
    () => 'taken',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
}

describe('a webhook', () => {
  it('posts the signed body with the name of the notification', async () => {
    const requests: { request: IncomingMessage; body: Promise<Buffer> }[] = [];
    const host = await listen(
      createServer((request, response) => {
        requests.push({ request, body: buffer(request) });
        request.on('end', () => response.end());
      }),
    );
    const secret = 'a secret of sixteen';
    const channel = await channelTo(`http://user:p%40ss@${host}/hook?token=1`, { secret });
    expect(await outcome(channel)).toBe('taken');
    const [{ request, body: sent }] = requests as [(typeof requests)[0]];
    const body = await sent;
    expect([request.method, request.url, body]).toEqual(['POST', '/hook?token=1', MESSAGE.body]);
    expect(request.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(MESSAGE.body.length),
      'user-agent': 'clair/1.2.3',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      'x-clair-notification': 'n-1',
      'x-clair-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    });
  });

  it.each<[number, string]>([
    [200, 'taken'],
    [201, 'taken'],
    [202, 'taken'],
    [204, 'taken'],
    [302, 'notification/refused: the receiver responded with status 302'],
    [404, 'notification/refused: the receiver responded with status 404'],
    [500, 'notification/refused: the receiver responded with status 500'],
    [429, 'notification/undeliverable: the receiver responded with status 429'],
    [503, 'notification/undeliverable: the receiver responded with status 503'],
  ])('maps status %d to: %s', async (status, expected) => {
    let requests = 0;
    const host = await listen(
      createServer((request, response) => {
        requests += 1;
        request.resume();
        response.writeHead(status, { location: '/elsewhere' }).end();
      }),
    );
    expect(await outcome(await channelTo(`http://${host}/`))).toBe(expected);
    expect(requests).toBe(1);
  });

  const unreachable: [string, RequestListener, RegExp][] = [
    ['that closes the connection', (request) => request.socket.destroy(), /did not respond/],
    ['that never responds', (request) => void request.resume(), /did not respond: .*timeout/i],
  ];
  it.each(unreachable)('cannot reach a receiver %s', async (_what, listener, reason) => {
    const channel = await channelTo(`http://${await listen(createServer(listener))}/a?token=1`, { timeout: 200 });
    const found = await outcome(channel);
    expect(found).toMatch(/^notification\/undeliverable/);
    expect(found).toMatch(reason);
    expect(found).not.toContain('token');
  });

  it('does not wait for the end of an endless response', async () => {
    const host = await listen(
      createServer((request, response) => {
        request.resume();
        response.writeHead(200);
        const drip = setInterval(() => response.write(Buffer.alloc(65_536)), 1);
        response.on('close', () => clearInterval(drip));
      }),
    );
    expect(await outcome(await channelTo(`http://${host}/`))).toBe('taken');
  });

  it('uses a proxy', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await listen(
      createServer((request, response) => {
        asked.push(request.url);
        request.resume();
        response.end();
      }),
    );
    const channel = await channelTo('http://receiver.test/hook', { proxy: `http://${proxy}` });
    expect(await outcome(channel)).toBe('taken');
    expect(asked).toEqual(['http://receiver.test/hook']);
  });

  describe('with certificates', () => {
    const authority = createPrivateAuthority();
    const [server, client] = [authority.identify('127.0.0.1'), authority.identify('127.0.0.2')];
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const cafile = file('ca.pem', authority.certificate);
    const [certfile, keyfile] = [file('cert.pem', client.cert), file('key.pem', client.key)];

    async function startReceiver(): Promise<string> {
      const options = { ...server, ca: authority.certificate, requestCert: true, rejectUnauthorized: false };
      return await listen(
        createTlsServer(options, (request, response) => {
          request.resume();
          const isKnown = request.socket instanceof TLSSocket && request.socket.authorized;
          response.writeHead(isKnown ? 200 : 403).end();
        }),
      );
    }

    it.each<[string, Partial<WebhookSettings>, RegExp]>([
      ['sends its client certificate', { cafile, certfile, keyfile }, /^taken$/],
      ['sends no client certificate', { cafile }, /status 403/],
      ['does not trust the receiver', { certfile, keyfile }, /undeliverable: .*certificate/],
      ['expects another server name', { cafile, certfile, keyfile, servername: 'other.test' }, /undeliverable/],
    ])('%s', async (_what, settings, expected) => {
      expect(await outcome(await channelTo(`https://${await startReceiver()}/`, settings))).toMatch(expected);
    });

    it.each<[string, Partial<WebhookSettings>, RegExp]>([
      ['a certificate without its key', { certfile }, /must be set together/],
      ['a missing file', { cafile: join(folder, 'none') }, /notifier\.http\.cafile: /],
      ['a file that is not PEM', { cafile: file('text', 'no PEM') }, /is not in PEM form/],
      ['a key of another certificate', { certfile, keyfile: file('other.pem', server.key) }, /cannot be used/],
    ])('rejects %s', async (_what, settings, message) => {
      await expect(channelTo('https://127.0.0.1/', settings)).rejects.toMatchObject({
        code: 'config/invalid',
        message: expect.stringMatching(message),
      });
    });
  });

  it('rejects an invalid URL without showing it', async () => {
    await expect(channelTo('ftp://user:secret@host/')).rejects.toMatchObject({
      code: 'config/invalid',
      message: expect.not.stringContaining('secret'),
    });
  });
});
