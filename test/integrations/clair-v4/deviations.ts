import { changed, emptied, header, removed, status } from './answer-changes.ts';
import type { Deviation } from './transport.ts';

/** The clients that detect a deviation. */
export type NoticedBy = 'quay' | 'clairctl' | 'both';

type Row = readonly [name: string, at: string, by: NoticedBy, change: Deviation['change']];

const POST_INDEX = 'POST /indexer/api/v1/index_report';
const STATE = 'GET /indexer/api/v1/index_state';
const GET_INDEX = 'GET /indexer/api/v1/index_report/';
const REPORT = 'GET /matcher/api/v1/vulnerability_report/';
const DELETE_ONE = 'DELETE /indexer/api/v1/index_report/';
const DELETE_MANY = 'DELETE /indexer/api/v1/index_report';

const ONE = 'vulnerabilities.*';
const SCORES = 'enrichments.*.0.*';
const EPSS = [{ x: [{ epss: 0.1 }] }];

const STATES: readonly Row[] = [
  ['the state is missing', STATE, 'quay', removed('state')],
  ['the state is no text', STATE, 'quay', changed('state', 7)],
  ['the state differs from the tag of an index', STATE, 'quay', changed('state', 'x')],
  ['the state is 503', STATE, 'quay', status(503)],
];

const INDEXES: readonly Row[] = [
  ['the index has no tag', POST_INDEX, 'both', header('etag')],
  ['the tag of the index is weak', POST_INDEX, 'quay', header('etag', (tag) => `W/${tag}`)],
  ['the tag of the index is too long', POST_INDEX, 'both', header('etag', () => `"${'x'.repeat(129)}"`)],
  ['the index has no link', POST_INDEX, 'clairctl', header('link')],
  ['the link is relative to itself', POST_INDEX, 'clairctl', header('link', () => '</x>; rel="self"')],
  ['the index is 202', POST_INDEX, 'clairctl', status(202)],
  ['the index is 400', POST_INDEX, 'both', status(400, '{"code":"bad-request","message":"x"}')],
  ['the message of a 400 is not ASCII', POST_INDEX, 'both', status(400, '{"message":"\u201Cx\u201D"}')],
  ['the index is 500', POST_INDEX, 'both', status(500)],
  ['the index is 429', POST_INDEX, 'both', status(429)],
  ...['manifest_hash', 'state', 'packages', 'distributions', 'environments', 'success', 'err'].map(
    (member): Row => [`the index has no ${member}`, POST_INDEX, 'quay', removed(member)],
  ),
  ['the packages of the index are null', POST_INDEX, 'quay', changed('packages', null)],
  ['the packages of the index are a list', POST_INDEX, 'both', changed('packages', [])],
  ['the index is in an unknown state', POST_INDEX, 'quay', changed('state', 'Done')],
  ['the index is not finished', POST_INDEX, 'quay', changed('state', 'ScanLayers')],
  ['the index failed', POST_INDEX, 'quay', changed('state', 'IndexError')],
  ['the hash of the index is no digest', POST_INDEX, 'clairctl', changed('manifest_hash', 'x')],
  ['the success of the index is a text', POST_INDEX, 'both', changed('success', 'true')],
  ['the repositories of the index are a list', POST_INDEX, 'clairctl', changed('repository', [])],
  ['the known index is 500', GET_INDEX, 'clairctl', status(500)],
  ['the known index ignores the tag', GET_INDEX, 'clairctl', (answer) => ({ ...answer, status: 200 })],
];

const REPORTS: readonly Row[] = [
  ['the report is 201', REPORT, 'both', status(201)],
  ['the report is 202', REPORT, 'both', status(202, '')],
  ['the report is 404', REPORT, 'both', status(404)],
  ...['manifest_hash', 'distributions', 'environments', 'package_vulnerabilities'].map(
    (member): Row => [`the report has no ${member}`, REPORT, 'quay', removed(member)],
  ),
  ['the report has no packages', REPORT, 'both', removed('packages')],
  ['the report has no vulnerabilities', REPORT, 'both', removed('vulnerabilities')],
  ['a distribution has no code name', REPORT, 'quay', removed('distributions.*.version_code_name')],
  ['the name of a distribution is null', REPORT, 'quay', changed('distributions.*.name', null)],
  ['the CPE of a distribution is invalid', REPORT, 'clairctl', changed('distributions.*.cpe', 'x')],
  ['the source of a package is null', REPORT, 'quay', changed('packages.*.source', null)],
  ['the source of a package has a source', REPORT, 'quay', changed('packages.*.source.source', {})],
  ['the version of a package is a number', REPORT, 'both', changed('packages.*.version', 1)],
  ['the kind of a package is unknown', REPORT, 'clairctl', changed('packages.*.kind', 'x')],
  ['the ID of a package is a number', REPORT, 'both', changed('packages.*.id', 1)],
  ['the architecture of a package is a number', REPORT, 'clairctl', changed('packages.*.arch', 64)],
  [
    'the normalized version of a package has no kind',
    REPORT,
    'clairctl',
    changed('packages.*.normalized_version', 'x'),
  ],
  ['the CPE of a package is invalid', REPORT, 'clairctl', changed('packages.*.cpe', 'x')],
  ['the repositories of a package are an object', REPORT, 'clairctl', changed('environments.*.0.repository_ids', {})],
  ['a package has no environment', REPORT, 'quay', removed('environments.*')],
  ['the environments of a package are empty', REPORT, 'quay', emptied('environments.*')],
  [
    'a layer is not in the manifest',
    REPORT,
    'quay',
    changed('environments.*.0.introduced_in', `sha256:${'0'.repeat(64)}`),
  ],
  ['a layer is not a digest', REPORT, 'both', changed('environments.*.0.introduced_in', '')],
  ['an environment has no package database', REPORT, 'quay', removed('environments.*.0.package_db')],
  ['an ID leads to no vulnerability', REPORT, 'both', changed('package_vulnerabilities.*.0', 'x')],
  ['vulnerabilities belong to no package', REPORT, 'clairctl', changed('package_vulnerabilities.x', ['y'])],
  ['a package has an empty list', REPORT, 'clairctl', emptied('package_vulnerabilities.*')],
];

const VULNERABILITIES: readonly Row[] = [
  ...['id', 'updater', 'description', 'links', 'severity', 'normalized_severity', 'fixed_in_version'].map(
    (member): Row => [`a vulnerability has no ${member}`, REPORT, 'quay', removed(`${ONE}.${member}`)],
  ),
  ['a vulnerability has no name', REPORT, 'both', removed(`${ONE}.name`)],
  ['a severity is Defcon1', REPORT, 'both', changed(`${ONE}.normalized_severity`, 'Defcon1')],
  ['a severity is in lower case', REPORT, 'both', changed(`${ONE}.normalized_severity`, 'high')],
  ['a vulnerability has a range', REPORT, 'quay', changed(`${ONE}.range`, { '[': 'x:1', ')': 'x:2' })],
  ['a distribution is null', REPORT, 'quay', changed(`${ONE}.distribution`, null)],
  ['a repository is null', REPORT, 'quay', changed(`${ONE}.repository`, null)],
  ['a fixed version is null', REPORT, 'quay', changed(`${ONE}.fixed_in_version`, null)],
  ['a vulnerability was issued at no time', REPORT, 'clairctl', changed(`${ONE}.issued`, '')],
  ['a vulnerability was issued on a day', REPORT, 'clairctl', changed(`${ONE}.issued`, '2099-01-01')],
  ['the package of a vulnerability is a list', REPORT, 'clairctl', changed(`${ONE}.package`, [])],
  ['the severity of the feed is a number', REPORT, 'both', changed(`${ONE}.severity`, 3)],
  ['the links are a list', REPORT, 'both', changed(`${ONE}.links`, [])],
  ['the enrichments have an empty list', REPORT, 'quay', emptied('enrichments.*')],
  ['a vulnerability has no scores', REPORT, 'quay', emptied(SCORES)],
  ['a score has no vector', REPORT, 'quay', removed(`${SCORES}.0.vectorString`)],
  ['a score has no base score', REPORT, 'quay', removed(`${SCORES}.0.baseScore`)],
  ['a score is a text', REPORT, 'quay', changed(`${SCORES}.0.baseScore`, '9.8')],
  ['the enrichments are only EPSS', REPORT, 'quay', changed('enrichments', { epss: EPSS })],
  ['EPSS comes second', REPORT, 'quay', changed('enrichments.epss', EPSS)],
];

const DELETIONS: readonly Row[] = [
  ['the deletion is 200', DELETE_ONE, 'quay', status(200)],
  ['the deletion of several is 204', DELETE_MANY, 'clairctl', status(204, '')],
  ['the deletion of several is null', DELETE_MANY, 'clairctl', status(200, 'null')],
];

/** Single changes of Clair's responses; exactly the stated clients must detect each change. */
export const DEVIATIONS: readonly (Deviation & { readonly by: NoticedBy })[] = [
  ...STATES,
  ...INDEXES,
  ...REPORTS,
  ...VULNERABILITIES,
  ...DELETIONS,
].map(([name, at, by, change]) => ({ name, at, by, change }));
