import type { DescribedEnricher } from './enricher.ts';
import { epss } from './epss/enricher.ts';
import { kev } from './kev/enricher.ts';
import { nvd } from './nvd/enricher.ts';

export const ENRICHERS: readonly DescribedEnricher[] = [epss, kev, nvd];
