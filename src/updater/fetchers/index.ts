import { almalinux } from './almalinux/fetcher.ts';
import { alpine } from './alpine/fetcher.ts';
import { amazon } from './amazon/fetcher.ts';
import { azurelinux } from './azurelinux/fetcher.ts';
import { chainguard } from './chainguard/fetcher.ts';
import { debian } from './debian/fetcher.ts';
import type { DescribedFetcher } from '../feed/fetcher.ts';
import { opensuse } from './opensuse/fetcher.ts';
import { oracle } from './oracle/fetcher.ts';
import { osv } from './osv/fetcher.ts';
import { photon } from './photon/fetcher.ts';
import { redhat } from './redhat/fetcher.ts';
import { rocky } from './rocky/fetcher.ts';
import { suse } from './suse/fetcher.ts';
import { ubuntu } from './ubuntu/fetcher.ts';
import { wolfi } from './wolfi/fetcher.ts';

export const FETCHERS: readonly DescribedFetcher[] = [
  almalinux,
  alpine,
  amazon,
  azurelinux,
  chainguard,
  debian,
  opensuse,
  oracle,
  osv,
  photon,
  redhat,
  rocky,
  suse,
  ubuntu,
  wolfi,
];
