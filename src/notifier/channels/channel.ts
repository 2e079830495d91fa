import type { PayloadForm } from '../notifier-settings.ts';

/** A message about a notification. */
export type Message = {
  /** The name of the notification; repeated deliveries have the same name. */
  readonly id: string;
  /** The body of the message, which is JSON. */
  readonly body: Buffer;
};

/** A way to deliver notifications. */
export type Channel = {
  readonly id: 'webhook' | 'amqp';
  /** The maximum duration of `deliver`, in milliseconds. */
  readonly maxDelivery: number;
  /** The content of the messages of this channel. */
  readonly payload: PayloadForm;
  /**
   * Delivers a message; resolves when the receiver or broker confirms the message.
   *
   * @throws ClairError `notification/refused` if the receiver rejects this message; `notification/undeliverable` if the
   *   receiver is unreachable or overloaded, so that other messages would also fail
   */
  readonly deliver: (message: Message, signal: AbortSignal) => Promise<void>;
  /** Aborts deliveries in progress. */
  readonly close: () => Promise<void>;
};
