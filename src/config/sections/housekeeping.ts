import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { type Duration, durationKey } from '../key-forms.ts';

/** The retention of unused data, and the interval between deletions. */
export type HousekeepingConfig = {
  readonly interval: Duration;
  readonly images: Duration;
  readonly layers: Duration;
  readonly notifications: Duration;
  readonly changeLog: Duration;
};

const KEYS = mapOf({
  interval: durationKey('1d', '1d', 'Interval between deletions of expired data; 0 turns deletion off'),
  images: durationKey(
    '90d',
    '90d',
    'How long to keep an image and its layers after the last scan; 0 keeps images forever',
  ),
  layers: durationKey(
    '90d',
    '90d',
    'How long to keep a layer after its last use; layers that an image or another layer needs are kept longer; 0 keeps layers forever',
  ),
  notifications: durationKey(
    '30d',
    '30d',
    'How long to keep a notification after it was read or has failed, and a Clair v4 notification after its creation; 0 keeps notifications forever',
  ),
  changeLog: durationKey(
    '90d',
    '90d',
    'How long to keep a vulnerability change; changes that the notifier or a notification still needs are kept longer; 0 keeps changes forever',
  ),
});

/** The section `housekeeping`. */
export const HOUSEKEEPING: ConfigSection<HousekeepingConfig> = {
  name: 'housekeeping',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
