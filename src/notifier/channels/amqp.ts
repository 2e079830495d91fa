import { type ChannelModel, type ConfirmChannel, connect, credentials } from 'amqplib';
import { type Certificates, readCertificates } from '../../bytes/certificate-files.ts';
import { doneWithin } from '../../threads/done-within.ts';
import { asClairError, ClairError } from '../../errors.ts';
import type { AmqpSettings } from '../notifier-settings.ts';
import type { Channel, Message } from './channel.ts';

/** The time limit for connecting and authenticating, and again for opening a channel. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The time limit for a confirmation; a broker without disk space or memory does not confirm. */
const CONFIRM_TIMEOUT_MS = 15_000;

/** The time limit for the answer to a close. An unanswered connection ends by its heartbeat. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * Opens a channel that publishes to an AMQP 0-9-1 broker such as RabbitMQ. Messages are persistent, have the name of
 * the notification as `message_id`, and count as delivered when the broker confirms them (rabbitmq.com/docs/confirms).
 * A message that matches no queue (`mandatory`) is rejected. The channel connects with the first message and reconnects
 * with the next message after a lost connection. With a certificate and without a user in the URL, the channel
 * authenticates with the certificate (EXTERNAL).
 *
 * @throws ClairError `config/invalid` for an invalid URL or unusable certificate files
 */
export async function openAmqp(settings: AmqpSettings): Promise<Channel> {
  const { url, payload } = settings;
  if (!URL.canParse(url)) throw new ClairError('config/invalid', 'notifier.amqp.url must be an amqp: or amqps: URL');
  const certificates = await readCertificates(settings, 'notifier.amqp');
  let current: Promise<Publisher> | undefined;

  /** Returns the connection of the channel. Concurrent callers share an attempt to connect. */
  function publisher(): Promise<Publisher> {
    if (current !== undefined) return current;
    const opening = openPublisher(settings, certificates, () => forget(opening));
    // The next caller tries again after a failure.
    opening.catch(() => forget(opening));
    current = opening;
    return opening;
  }

  function forget(which: Promise<Publisher>): void {
    if (current === which) current = undefined;
  }

  return {
    id: 'amqp',
    maxDelivery: 2 * CONNECT_TIMEOUT_MS + CONFIRM_TIMEOUT_MS,
    payload,
    async deliver(message, signal) {
      try {
        signal.throwIfAborted();
        const opened = await publisher();
        await opened.publish(message, signal);
      } catch (error) {
        throw asClairError(error, 'notification/undeliverable', `could not deliver the message to ${shownBroker(url)}`);
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

/** @param onEnd a function that is called when the connection is no longer usable */
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
  // The broker sends an error before it closes the channel, but pending confirmations receive only the close.
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
      // After a timeout, the state of the message is unknown, so the next message is sent on a new connection.
      limit.addEventListener('abort', drop, { once: true });
      try {
        await confirmation(AbortSignal.any([limit, signal]), (done) => {
          const options = { persistent: true, mandatory: true, messageId: id, contentType: 'application/json' };
          channel.publish(exchange, routingKey, body, options, (error: unknown) => done(error && (failure ?? error)));
        });
      } finally {
        limit.removeEventListener('abort', drop);
      }
      // The broker returns a rejected message before it confirms the message.
      if (!returned.delete(id)) return;
      throw new ClairError('notification/refused', `no queue is bound to the routing key "${routingKey}"`);
    },
    close: async () => await closeQuietly(connection),
  };
}

async function openChannel(connection: ChannelModel): Promise<ConfirmChannel> {
  try {
    const opening = connection.createConfirmChannel();
    if (await doneWithin(opening, CONNECT_TIMEOUT_MS)) return await opening;
    throw new Error(`the broker did not open a channel within ${CONNECT_TIMEOUT_MS / 1000} seconds`);
  } catch (error) {
    await closeQuietly(connection);
    throw error;
  }
}

/** Waits until `start` calls back, with or without a failure, or until the signal aborts. */
async function confirmation(signal: AbortSignal, start: (done: (failure: unknown) => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new Error(`the broker did not confirm the message within ${CONFIRM_TIMEOUT_MS / 1000} seconds`)),
      {
        once: true,
      },
    );
    start((failure) => {
      if (failure === null || failure === undefined) resolve();
      else reject(failure instanceof Error ? failure : new Error('the broker did not accept the message'));
    });
  });
}

async function closeQuietly(connection: ChannelModel): Promise<void> {
  try {
    await doneWithin(connection.close(), CLOSE_TIMEOUT_MS);
  } catch {
    // The connection is already closed.
  }
}

/**
 * Returns the address of the broker without the credentials and without the query, which may also contain credentials.
 */
function shownBroker(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `the broker ${protocol}//${host}${pathname}`;
}
