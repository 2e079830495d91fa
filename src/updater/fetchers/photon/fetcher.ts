import { documentFeed } from '../../feed/parsed-documents.ts';
import { openPublishedFiles, type PublishedFiles } from '../../feed/published-files.ts';
import type { FetchContext, Fetcher, FetchOutcome } from '../../feed/fetcher.ts';
import { parsePhoton } from './parse.ts';

/** One document per release. */
const OVAL: PublishedFiles = {
  url: 'https://packages.vmware.com/photon/photon_oval_definitions/',
  files: ['com.vmware.phsa-photon3.xml', 'com.vmware.phsa-photon4.xml', 'com.vmware.phsa-photon5.xml'],
  wants: (name) => /(?:^|\/)com\.vmware\.phsa-[^/]*\.xml$/i.test(name),
};

/** VMware Photon OS. */
export const photon: Fetcher = {
  id: 'photon',
  version: 1,
  scheme: 'rpm',
  distributions: ['photon'],
  url: OVAL.url,
  fetch,
};

async function fetch(context: FetchContext): Promise<FetchOutcome> {
  return documentFeed(await openPublishedFiles(OVAL, context), { xml: parsePhoton });
}
