import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { type Duration, durationKey } from '../key-forms.ts';

/** How long what is not used is kept, and how often the server looks for it. */
export type HousekeepingConfig = {
  readonly interval: Duration;
  readonly images: Duration;
  readonly layers: Duration;
  readonly notifications: Duration;
  readonly changeLog: Duration;
};

const KEYS = mapOf({
  interval: durationKey('1d', '1d', 'time after which the server removes again what is no longer kept; 0 for never'),
  images: durationKey('90d', '90d', 'time that an image is kept after its last scan, with its layers; 0 for ever'),
  layers: durationKey(
    '90d',
    '90d',
    'time that a layer is kept after it was last used, if no other layer is built on it; 0 for ever',
  ),
  notifications: durationKey(
    '30d',
    '30d',
    'time that a notification is kept after it was read or given up; 0 for ever',
  ),
  changeLog: durationKey(
    '90d',
    '90d',
    'time that a change of a vulnerability is kept after the notifier has read it; 0 for ever',
  ),
});

/** The section `housekeeping`. */
export const HOUSEKEEPING: ConfigSection<HousekeepingConfig> = {
  name: 'housekeeping',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
