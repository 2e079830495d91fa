import { expect, it } from 'vitest';
import { parseConfig } from '../config-file.ts';

it.each(['http.timeout', 'v4.timeout', 'v4.interval'])(
  'notifier.%s is not 0, because every delivery would fail',
  (path) => {
    const [map, key] = path.split('.');
    for (const zero of ['0', '0s']) {
      expect(() => parseConfig(`notifier: {${map}: {${key}: ${zero}}}`, 'clair.yaml')).toThrow(
        `line 1: notifier.${path} must be a duration above 0, such as `,
      );
    }
  },
);
