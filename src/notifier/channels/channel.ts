import type { PayloadForm } from '../notifier-settings.ts';

/** One message about one notification. */
export type Message = {
  /** The name of the notification: the same whenever it is told again. */
  readonly id: string;
  /** JSON. */
  readonly body: Buffer;
};

/** A way by which receivers are told. */
export type Channel = {
  readonly id: 'webhook' | 'amqp';
  /** The longest that `deliver` takes, in milliseconds. */
  readonly maxDelivery: number;
  /** What its messages hold. */
  readonly payload: PayloadForm;
  /**
   * Hands a message over; it is done when the receiver, or the broker, has said that it took it.
   *
   * @throws ClairError `notification/refused` when it did not want this one; `notification/undeliverable` when it cannot be
   * reached, or is overloaded: then others will not be taken either.
   */
  readonly deliver: (message: Message, signal: AbortSignal) => Promise<void>;
  /** Cuts off what is under way. */
  readonly close: () => Promise<void>;
};
