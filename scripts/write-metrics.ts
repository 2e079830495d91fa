/** Writes docs/reference/metrics.md from the registered metrics. */
import { writeFileSync } from 'node:fs';
import { metricsPage } from './metrics-page.ts';

writeFileSync(new URL('../docs/reference/metrics.md', import.meta.url), await metricsPage());
