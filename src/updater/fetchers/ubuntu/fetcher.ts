import { documentFeed, type DocumentParsers } from '../../feed/parsed-documents.ts';
import { openFeedDocuments } from '../../feed/many-documents.ts';
import type { DescribedFetcher, FetchContext, FetchOutcome } from '../../feed/fetcher.ts';
import { isTrackerRecord, parseUbuntuTracker } from './parse.ts';
import { parseUbuntuOval } from './parse-oval.ts';
import { parseUbuntuOsv } from './parse-osv.ts';
import { isRepository, openRepository } from './repository.ts';

/** The address of the git repository, with one file per CVE. */
const URL_OF_TRACKER = 'https://git.launchpad.net/ubuntu-cve-tracker';

/** The CVE tracker of the Ubuntu security team. */
export const ubuntu: DescribedFetcher = {
  id: 'ubuntu',
  version: 2,
  scheme: 'dpkg',
  distributions: ['ubuntu'],
  url: URL_OF_TRACKER,
  coverage: {
    namespaces: ['ubuntu:N.N'],
    reads: 'the CVE tracker, a git repository with one file for each CVE',
    severity:
      'the priority for the package in the release; if absent, for the package; if absent, for the CVE; otherwise a CVSS score',
    states: [
      ['`released (VERSION)`', '`fixed`'],
      ['`released` in a pocket of Ubuntu Pro, `released-esm`', '`fixed-for-subscribers`'],
      ['`pending`, with or without a version', '`pending`'],
      ['`needed`, `active`', '`open`'],
      ['`deferred`', '`postponed`'],
      ['`ignored`', '`ignored`'],
      ['`needs-triage`, or no state', '`under-investigation`: stored, not a finding'],
      [
        '`pending` without a version, `needed`, `active`, `deferred`, `ignored` or `needs-triage`, if the note states the end of support',
        '`end-of-life`',
      ],
      ['`not-affected`, `DNE`', 'no finding'],
      [
        '`released` in an invalid version, or any other state',
        '`unknown`: a finding in all versions; the update counts the entry as inexact',
      ],
    ],
    notes: [
      'The pockets of Ubuntu Pro are `esm-infra` and `esm-apps` (also `…-legacy` and `CODENAME/esm`). The state in the archive takes precedence if the package is fixed, pending or not affected there, or if the state is unknown.',
      'If the archive only states the end of support and every pocket of Pro has `not-affected`, the package in the archive is not affected. With `not-affected (VERSION)` in a pocket of Pro, the package is fixed in that version, or only for subscribers if the version belongs to Pro (`+esm1`).',
      'Clair does not match the pockets `upstream`, `snap`, `product`, FIPS, real-time, ROS and devices, or `devel`, which refers to a different release every six months. A CVE that MITRE rejected is ignored.',
      "A configured HTTP URL without the suffix of an archive or document is read as a git repository, and so is a local git repository. `--from` also reads Ubuntu's OSV advisories (`UBUNTU-CVE-…`) and per-CVE OVAL documents (`com.ubuntu.RELEASE.cve.oval.xml`). In the OSV advisories, all unfixed packages are `open`. Notices, and data about FIPS, real-time and BlueField builds, are not read.",
    ],
  },
  fetch: fetchUbuntu,
};

/** The parsers by the form of a document; the files of the tracker are text. */
const PARSERS: DocumentParsers = {
  text: parseUbuntuTracker,
  json: parseUbuntuOsv,
  xml: parseUbuntuOval,
};

/** Reads the tracker's repository, or the configured local files, archive or repository (see {@link isRepository}). */
async function fetchUbuntu(context: FetchContext): Promise<FetchOutcome> {
  const { from, url = URL_OF_TRACKER } = context;
  const isGit = from === undefined && (await isRepository(url));
  const feed = isGit
    ? await openRepository(url, isTrackerRecord, context)
    : await openFeedDocuments(url, context, { wants });
  return documentFeed(feed, PARSERS);
}

/** Returns whether to read a file: files of the tracker, and OSV and OVAL documents. */
function wants(name: string): boolean {
  return isTrackerRecord(name) || /\.(?:json|xml)$/i.test(name);
}
