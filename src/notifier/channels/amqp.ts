import { type ChannelModel, type ConfirmChannel, connect, credentials } from 'amqplib';
import { type Certificates, readCertificates } from '../../bytes/certificate-files.ts';
import { asClairError, ClairError } from '../../errors.ts';
import type { AmqpSettings } from '../notifier-settings.ts';
import type { Channel, Message } from './channel.ts';

/** Until the broker has let us in. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Until it has confirmed a message; one whose disks are full, or whose memory is, does not. */
const CONFIRM_TIMEOUT_MS = 15_000;

/**
 * Publishes to a broker that speaks AMQP 0-9-1, such as RabbitMQ: persistent messages, each with the name of its
 * notification as `message_id`, that count as delivered when the broker confirms them (rabbitmq.com/docs/confirms). One
 * that it can route to no queue (`mandatory`) is not. It connects at the first message, and again at the next one after a
 * connection broke. With a certificate and without a user in the URL the broker tells by the certificate who we are.
 *
 * @throws ClairError `config/invalid` for an address or files that cannot be used.
 */
export async function openAmqp(settings: AmqpSettings): Promise<Channel> {
  const { url, payload } = settings;
  if (!URL.canParse(url)) throw new ClairError('config/invalid', 'notifier.amqp.url is not a URL');
  const certificates = await readCertificates(settings, 'notifier.amqp');
  let current: Promise<Publisher> | undefined;

  /** The one connection: who comes while it is made waits for the same. */
  function publisher(): Promise<Publisher> {
    if (current !== undefined) return current;
    const opening = openPublisher(settings, certificates, () => forget(opening));
    // Whoever waits for it is told; the next one tries again.
    opening.catch(() => forget(opening));
    current = opening;
    return opening;
  }

  function forget(which: Promise<Publisher>): void {
    if (current === which) current = undefined;
  }

  return {
    id: 'amqp',
    maxDelivery: CONNECT_TIMEOUT_MS + CONFIRM_TIMEOUT_MS,
    payload,
    async deliver(message, signal) {
      try {
        signal.throwIfAborted();
        const opened = await publisher();
        await opened.publish(message, signal);
      } catch (error) {
        throw asClairError(error, 'notification/undeliverable', `${shownBroker(url)} did not take it`);
      }
    },
    async close() {
      const opened = await current?.catch(() => undefined);
      await opened?.close();
    },
  };
}

type Publisher = {
  readonly publish: (message: Message, signal: AbortSignal) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** @param onEnd called when it can no longer be used */
async function openPublisher(
  settings: AmqpSettings,
  certificates: Certificates,
  onEnd: () => void,
): Promise<Publisher> {
  const { url, exchange, routingKey } = settings;
  const isExternal = certificates.cert !== undefined && new URL(url).username === '';
  const connection = await connect(url, {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    ...certificates,
    ...(isExternal && { credentials: credentials.external() }),
    clientProperties: { connection_name: 'clair' },
  });
  const returned = new Set<string>();
  let failure: unknown;
  // An error comes before the end of what it broke; who waits for a confirmation is told of the end.
  const noteFailure = (error: unknown): void => {
    failure = error;
  };
  connection.on('error', noteFailure);
  connection.on('close', onEnd);
  const channel = await openChannel(connection);
  channel.on('error', noteFailure);
  channel.on('return', ({ properties }) => returned.add(String(properties.messageId)));
  channel.on('close', drop);

  function drop(): void {
    onEnd();
    void closeQuietly(connection);
  }

  return {
    async publish({ id, body }, signal) {
      const limit = AbortSignal.timeout(CONFIRM_TIMEOUT_MS);
      // Nobody knows what became of it: a new connection is surer than this one.
      limit.addEventListener('abort', drop, { once: true });
      try {
        await confirmation(AbortSignal.any([limit, signal]), (done) => {
          const options = { persistent: true, mandatory: true, messageId: id, contentType: 'application/json' };
          channel.publish(exchange, routingKey, body, options, (error: unknown) => done(error && (failure ?? error)));
        });
      } finally {
        limit.removeEventListener('abort', drop);
      }
      // The broker returns a message before it confirms it.
      if (!returned.delete(id)) return;
      throw new ClairError('notification/refused', `no queue is bound for the routing key "${routingKey}"`);
    },
    close: async () => await closeQuietly(connection),
  };
}

async function openChannel(connection: ChannelModel): Promise<ConfirmChannel> {
  try {
    return await connection.createConfirmChannel();
  } catch (error) {
    await closeQuietly(connection);
    throw error;
  }
}

/** Waits until `start` calls back, with a failure or without one, or until the signal is aborted. */
async function confirmation(signal: AbortSignal, start: (done: (failure: unknown) => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it was not confirmed in time')), { once: true });
    start((failure) => {
      if (failure === null || failure === undefined) resolve();
      else reject(failure instanceof Error ? failure : new Error('the broker did not take it'));
    });
  });
}

async function closeQuietly(connection: ChannelModel): Promise<void> {
  try {
    await connection.close();
  } catch {
    // It is closed already: that is what was wanted.
  }
}

/** Neither credentials nor the query, which may hold some. */
function shownBroker(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `the broker ${protocol}//${host}${pathname}`;
}
