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
    'Retention of an image, which keeps its layers, after the last scan; 0 keeps it forever',
  ),
  layers: durationKey(
    '90d',
    '90d',
    'Retention of a layer after its last use, unless an image or another layer is built on it; 0 keeps it forever',
  ),
  notifications: durationKey(
    '30d',
    '30d',
    'Retention of a notification after it was read or its delivery failed for good, or of a Clair v4 notification after its creation; 0 keeps it forever',
  ),
  changeLog: durationKey(
    '90d',
    '90d',
    'Retention of a vulnerability change, unless the notifier has not read it or a notification needs it; 0 keeps it forever',
  ),
});

/** The section `housekeeping`. */
export const HOUSEKEEPING: ConfigSection<HousekeepingConfig> = {
  name: 'housekeeping',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
