import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parseOpensuse } from './parse.ts';

/** The feed consists of one document per release. The documents named `-affected` include unfixed vulnerabilities. */
const OVAL: PublishedFiles = {
  url: 'https://ftp.suse.com/pub/projects/security/oval/',
  files: [
    'opensuse.leap.15.3-affected.xml',
    'opensuse.leap.15.4-affected.xml',
    'opensuse.leap.15.5-affected.xml',
    'opensuse.leap.15.6-affected.xml',
    'opensuse.tumbleweed-affected.xml',
  ],
  wants: (name) => /(?:^|\/)opensuse\.[^/]*\.xml$/i.test(name),
};

/** openSUSE Leap and Tumbleweed. */
export const opensuse: DescribedFetcher = {
  id: 'opensuse',
  version: 1,
  scheme: 'rpm',
  distributions: ['opensuse-leap', 'opensuse-tumbleweed', 'opensuse-leap-micro', 'opensuse'],
  url: OVAL.url,
  coverage: {
    namespaces: ['opensuse-leap:N.N', 'opensuse-tumbleweed', 'opensuse-leap-micro:N.N', 'opensuse:N.N'],
    reads: 'OVAL of Leap 15.3 to 15.6 and Tumbleweed, in the variant with unfixed vulnerabilities (`-affected`)',
    severity: 'the severity of the definition',
    notes: [
      '`--from` also reads Leap Micro, older releases, and the other two variants of each document. openSUSE MicroOS has no OVAL.',
    ],
  },
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parseOpensuse });
}
