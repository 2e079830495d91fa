import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { parsePhoton } from './parse.ts';

/** The feed consists of one document per release. */
const OVAL: PublishedFiles = {
  url: 'https://packages.vmware.com/photon/photon_oval_definitions/',
  files: ['com.vmware.phsa-photon3.xml', 'com.vmware.phsa-photon4.xml', 'com.vmware.phsa-photon5.xml'],
  wants: (name) => /(?:^|\/)com\.vmware\.phsa-[^/]*\.xml$/i.test(name),
};

/** VMware Photon OS. */
export const photon: DescribedFetcher = {
  id: 'photon',
  version: 1,
  scheme: 'rpm',
  distributions: ['photon'],
  url: OVAL.url,
  coverage: {
    namespaces: ['photon:N.N'],
    reads: 'OVAL of Photon OS 3, 4 and 5',
    severity: 'the severity of the definition',
    notes: [
      'An advisory is named after its reference (`PHSA-5.0-184`). A definition without a reference is stored under its CVEs.',
    ],
  },
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parsePhoton });
}
