import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { openChannels } from '../../src/notifier/channels/index.ts';
import { type Notifier, startNotifier } from '../../src/notifier/notifier.ts';
import type { AmqpSettings } from '../../src/notifier/notifier-settings.ts';
import { knowLayer, publish } from '../../src/database/testing/store-content.ts';
import { advisory, deb } from '../../src/database/testing/packages.ts';
import { freePort } from '../../src/database/testing/free-port.ts';

/** The program that Debian's wrapper script runs; the script requires the user root or rabbitmq. */
const BROKER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const NAME_SERVER = '/usr/bin/epmd';
const isHere = existsSync(BROKER);
if (!isHere) console.warn('SKIPPED "a real RabbitMQ": rabbitmq-server is not installed');

const START_LIMIT_MS = 90_000;
const RESTART_LIMIT_MS = 180_000;
const CONNECT_LIMIT_MS = 5000;

describe.skipIf(!isHere)('a real RabbitMQ', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-rabbitmq-'));
  let port: number;
  /** The name server of Erlang. A broker does not start while a name server that it shares with others hangs. */
  let nameServer: ChildProcess;
  let nameServerPort: number;
  let broker: ChildProcess | undefined;
  let store: Store;
  let notifier: Notifier | undefined;
  /** How far the clock of the database, which the notifier also uses, is ahead, in milliseconds. */
  let ahead = 0;

  beforeAll(async () => {
    port = await freePort();
    nameServerPort = await freePort();
    nameServer = spawn(NAME_SERVER, ['-address', '127.0.0.1', '-port', String(nameServerPort)], { stdio: 'ignore' });
    await startBroker();
  }, START_LIMIT_MS);
  afterAll(async () => {
    await stopBroker('SIGKILL');
    nameServer.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the broker with all its data in the folder, so that it keeps its data after a restart. */
  async function startBroker(): Promise<void> {
    mkdirSync(join(folder, 'log'), { recursive: true });
    writeFileSync(join(folder, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\nloopback_users.guest = true\n`);
    writeFileSync(join(folder, 'enabled_plugins'), '[].');
    broker = spawn(BROKER, {
      stdio: 'ignore',
      detached: true,
      env: {
        PATH: env['PATH'],
        HOME: folder,
        RABBITMQ_NODENAME: `clair-${port}@localhost`,
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
        RABBITMQ_MNESIA_BASE: join(folder, 'data'),
        RABBITMQ_LOG_BASE: join(folder, 'log'),
        RABBITMQ_PID_FILE: join(folder, 'pid'),
        RABBITMQ_DIST_PORT: String(await freePort()),
        ERL_EPMD_PORT: String(nameServerPort),
      },
    });
    const end = Date.now() + START_LIMIT_MS;
    while (!(await answers())) {
      if (Date.now() > end) throw new Error(`RabbitMQ does not answer: ${lastLogLines()}`);
      if (broker.exitCode !== null) throw new Error(`RabbitMQ exited with ${broker.exitCode}: ${lastLogLines()}`);
      await setTimeout(200);
    }
  }

  function lastLogLines(): string {
    const logs = readdirSync(join(folder, 'log')).map((name) => readFileSync(join(folder, 'log', name), 'utf8'));
    return logs.join('\n').split('\n').slice(-20).join('\n');
  }

  async function stopBroker(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { pid } = broker ?? {};
    if (broker === undefined || pid === undefined) return;
    const exited = broker.exitCode === null && broker.signalCode === null ? once(broker, 'exit') : undefined;
    process.kill(-pid, signal);
    await exited;
    while (await answers()) await setTimeout(50);
  }

  async function answers(): Promise<boolean> {
    try {
      await (await connect(urlOfBroker(), { timeout: CONNECT_LIMIT_MS })).close();
      return true;
    } catch {
      return false;
    }
  }

  const urlOfBroker = (): string => `amqp://guest:guest@127.0.0.1:${port}`;

  beforeEach(async () => {
    store = await openStore({ type: 'memory' }, { time: () => Date.now() + ahead });
    await knowLayer(store, 'base', [deb('a', '2')]);
    await knowVulnerabilities(0);
    await store.notifications.cursor();
  });
  afterEach(async () => {
    await notifier?.stop();
    notifier = undefined;
    ahead = 0;
    await store.close();
  });

  async function knowVulnerabilities(count: number): Promise<void> {
    const related = Array.from({ length: count }, (_, at) => advisory(`CVE-${at + 100_000}`, { package: 'a' }));
    await publish(store, [advisory('CVE-0', { package: 'z' }), ...related]);
  }

  async function startOn(amqp: Partial<AmqpSettings>, attempts = 50): Promise<void> {
    const settings = {
      attempts,
      renotifyInterval: 3_600_000,
      amqp: { url: urlOfBroker(), exchange: '', routingKey: 'clair', payload: 'reference' as const, ...amqp },
    };
    notifier = startNotifier({
      store,
      channels: await openChannels(settings, 'test'),
      settings,
      now: store.now,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      timing: { planEvery: 50, sendEvery: 20 },
    });
  }

  async function declare(queue: string, exchange?: string, routingKey = ''): Promise<void> {
    const connection = await connect(urlOfBroker());
    const channel = await connection.createChannel();
    await channel.assertQueue(queue, { durable: true });
    if (exchange !== undefined) {
      await channel.assertExchange(exchange, 'topic', { durable: true });
      await channel.bindQueue(queue, exchange, routingKey);
    }
    await connection.close();
  }

  type Got = { readonly id: unknown; readonly body: unknown; readonly isPersistent: boolean };

  async function messagesOf(queue: string): Promise<readonly Got[]> {
    const connection = await connect(urlOfBroker());
    const channel = await connection.createChannel();
    const got: Got[] = [];
    for (let message = await channel.get(queue, { noAck: true }); message !== false; ) {
      const { messageId, deliveryMode } = message.properties;
      got.push({ id: messageId, body: JSON.parse(message.content.toString()), isPersistent: deliveryMode === 2 });
      message = await channel.get(queue, { noAck: true });
    }
    await connection.close();
    return got;
  }

  /** @param skipped the time by which the clock moves ahead before each check, in milliseconds */
  async function untilDelivered(count: number, skipped = 0): Promise<readonly string[]> {
    for (; (await store.notifications.count()).delivered < count; ahead += skipped) await setTimeout(25);
    return (await store.notifications.history({ limit: 100_000 })).map(({ name }) => name);
  }

  it('receives each notification as a persistent message with its name', async () => {
    await declare('clair');
    await knowVulnerabilities(500);
    await startOn({});
    const names = await untilDelivered(500);
    const messages = await messagesOf('clair');
    expect(messages.map(({ id }) => String(id)).toSorted()).toEqual([...names].toSorted());
    expect(messages.every(({ id, body, isPersistent }) => isPersistent && nameIn(body) === id)).toBe(true);
  });

  it('receives full messages by an exchange, once', async () => {
    await declare('all', 'events', 'clair.#');
    await knowVulnerabilities(1);
    const cursor = await store.notifications.cursor();
    await startOn({ exchange: 'events', routingKey: 'clair.new', payload: 'full' });
    // No notification is pending before the change is read.
    while ((await store.notifications.cursor()) === cursor) await setTimeout(25);
    while ((await store.notifications.count()).waiting > 0 || (await store.notifications.nextDue()) !== undefined)
      await setTimeout(25);
    expect(await messagesOf('all')).toMatchObject([
      { body: { Name: 'CVE-100000', Type: 'NewVulnerabilityNotification' }, isPersistent: true },
    ]);
  });

  it.each<[string, Partial<AmqpSettings>, RegExp]>([
    ['with an unbound queue', { routingKey: 'nobody' }, /no queue is bound to the routing key "nobody"/],
    ['for an unknown exchange', { exchange: 'none' }, /NOT_FOUND - no exchange 'none'/],
    [
      'with unknown credentials',
      { url: 'amqp://who:secret@127.0.0.1' },
      /to the broker amqp:\/\/127\.0\.0\.1.*: .*(ACCESS.REFUSED|403)/i,
    ],
  ])('receives no message %s', async (_what, amqp, reason) => {
    await knowVulnerabilities(1);
    await startOn({ ...amqp, ...(amqp.url !== undefined && { url: `${amqp.url}:${port}` }) }, 1);
    while ((await store.notifications.count()).dead === 0) await setTimeout(25);
    const [dead] = await store.notifications.list('dead', { after: 0, limit: 1 });
    expect(dead?.error).toMatch(reason);
    expect(dead?.error).not.toContain('secret');
  });

  it('receives no message while it opens no channel', async () => {
    const gate = createServer((client) => {
      const server = createConnection(port, '127.0.0.1');
      client.pipe(server);
      // A frame starts with its type and its channel, in two bytes; the frames of the connection have channel 0.
      server.on('data', (frames) => frames.readUInt16BE(1) === 0 && client.write(frames));
      for (const socket of [client, server]) socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await once(gate, 'listening');
    const { port: gatePort } = gate.address() as AddressInfo;
    await knowVulnerabilities(1);
    await startOn({ url: `amqp://guest:guest@127.0.0.1:${gatePort}` }, 1);
    while ((await store.notifications.count()).dead === 0) await setTimeout(25);
    const [dead] = await store.notifications.list('dead', { after: 0, limit: 1 });
    expect(dead?.error).toMatch(/the broker did not open a channel within 10 seconds/);
    gate.close();
  }, 30_000);

  it(
    'has all messages after it was killed and restarted',
    async () => {
      await declare('restarted');
      await knowVulnerabilities(3000);
      await startOn({ routingKey: 'restarted' });
      while ((await store.notifications.count()).delivered < 300) await setTimeout(5);
      await stopBroker('SIGKILL');
      const { delivered } = await store.notifications.count();
      expect(delivered).toBeLessThan(3000);
      await startBroker();
      // The pause before the next attempt doubles while the broker starts, which can take a minute on a busy machine, and
      // attempts can also fail afterwards.
      const names = await untilDelivered(3000, 500);
      const ids = new Set((await messagesOf('restarted')).map(({ id }) => String(id)));
      expect([...ids].toSorted()).toEqual([...names].toSorted());
    },
    RESTART_LIMIT_MS,
  );
});

function nameIn(body: unknown): unknown {
  return (body as { readonly Notification?: { readonly Name?: unknown } }).Notification?.Name;
}
