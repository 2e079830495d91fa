/** Small values that survive a restart. */
export type FlagStore = {
  readonly get: (name: string) => Promise<string | undefined>;
  readonly set: (name: string, value: string) => Promise<void>;
};
