import type { HousekeepingSettings } from '../../compose/clair.ts';
import { parseDuration } from '../../config/duration.ts';
import type { Config } from '../../config/schema.ts';

/** Returns the settings of the section `housekeeping`, in milliseconds. */
export function housekeepingSettings({ housekeeping }: Config): HousekeepingSettings {
  const { interval, images, layers, notifications, changeLog } = housekeeping;
  return {
    interval: parseDuration(interval) ?? 0,
    retention: {
      images: parseDuration(images) ?? 0,
      layers: parseDuration(layers) ?? 0,
      notifications: parseDuration(notifications) ?? 0,
      changeLog: parseDuration(changeLog) ?? 0,
    },
  };
}
