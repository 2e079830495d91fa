import type { ReportFinding } from '../../src/model/report/report.ts';
import { type Severity, severityRank } from '../../src/model/severity.ts';
import { findingOf, layerOf, reportOf } from '../../src/report/testing/report-builder.ts';
import type { PageAnswer, PageAnswers } from './page-server.ts';

/** The digest of the image in the responses. */
export const DIGEST: string = `sha256:${'a1'.repeat(32)}`;

const INSTRUCTIONS = [
  '/bin/sh -c #(nop) ADD file:6d3f2c1 in / ',
  'RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends curl openssl ca-certificates # buildkit',
  'RUN /bin/sh -c apt-get upgrade -y openssl # buildkit',
  'COPY --chown=app:app ./dist /srv/app # buildkit',
];

const SIZES = [29_124_000, 12_400_000, 3_100_000, null];

const NAMES = (
  'libssl3 curl libcurl4 libc6 perl-base zlib1g tar bash gzip libexpat1 libsqlite3-0 libgnutls30 libsystemd0 login ' +
  'util-linux libtasn1-6 coreutils libncursesw6 libpam0g apt'
).split(' ');

const SEVERITY_PATTERN: readonly Severity[] = [
  ...(['Medium', 'High', 'Low', 'Medium', 'Negligible', 'Critical', 'Low'] as const),
  ...(['Medium', 'Low', 'Unknown', 'High', 'Negligible', 'Defcon1'] as const),
];

/** Returns a finding by number: all severities occur, some findings have a fix, some are exploited. */
export function numberedFinding(number: number): ReportFinding {
  const id = `CVE-2024-${1000 + number}`;
  const severity = SEVERITY_PATTERN[number % SEVERITY_PATTERN.length] ?? 'Low';
  return findingOf({
    id,
    severity,
    ...(severity !== 'Unknown' && number % 5 === 0 && { severityFrom: 'nvd' }),
    ...(number % 17 === 4 && { class: 'kernel-headers' }),
    risk: severityRank(severity) * 14 + ((number * 37) % 140) / 10,
    package: packageOf(number).name,
    purl: `pkg:deb/debian/${packageOf(number).name}@1.0-${number}`,
    version: `1.0-${number}`,
    fixedIn: number % 3 === 0 ? `1.1-${number}` : null,
    status: number % 3 === 0 ? 'fixed' : 'open',
    layer: number % 4 === 3 ? 1 : 0,
    cves: [
      {
        id,
        epss: { score: ((number * 7) % 100) / 1000, date: '2026-01-01' },
        ...(number % 11 === 5 && { kev: { added: '2025-01-01' } }),
      },
    ],
    description: 'A crafted certificate makes the parser read behind the end of its buffer.',
    link: `https://example.org/${id}`,
  });
}

function packageOf(number: number): { readonly type: string; readonly name: string; readonly version: string } {
  const name = NAMES[number % NAMES.length] ?? '';
  return { type: 'deb', name: number < NAMES.length ? name : `${name}-${number}`, version: `1.0-${number}` };
}

const PACKAGES = Array.from({ length: 88 }, (_, number) => packageOf(number));

/** The earlier image with the same reference. */
export const OLDER: { readonly digest: string; readonly platform: string; readonly scannedAt: string } = {
  digest: `sha256:${'0b'.repeat(32)}`,
  platform: 'linux/amd64',
  scannedAt: '2025-12-01T00:00:00.000Z',
};

const FINDINGS = Array.from({ length: 24 }, (_, number) => numberedFinding(number));

const REPAIRED = Array.from({ length: 7 }, (_, number) => ({ ...numberedFinding(24 + number), layer: 0 }));

/** Returns the report of the image with some parts replaced. */
export function reportAnswer(parts: Parameters<typeof reportOf>[0] = {}): PageAnswers {
  const layers = INSTRUCTIONS.map((createdBy, index) =>
    layerOf(index, { createdBy, size: SIZES[index] ?? null, origin: index === 0 ? 'base' : 'own' }),
  );
  const suppression = {
    by: 'openvex',
    where: 'vex.json, statement 1',
    justification: 'vulnerable_code_not_in_execute_path',
    reason: 'The parser is never called.',
    author: 'Example',
    expires: null,
  } as const;
  const report = reportOf({
    target: { kind: 'oci', reference: 'registry.example.org/team/router:2.1', digest: DIGEST, platform: 'linux/amd64' },
    packages: PACKAGES.map(({ name, version }) => {
      const purl = `pkg:deb/debian/${name}@${version}`;
      return {
        namespace: 'debian:12',
        name,
        version,
        arch: 'amd64',
        type: 'deb',
        purl,
        source: { name, version },
        paths: [],
        flags: [],
        candidates: [],
        owner: null,
        layer: 0,
      };
    }),
    layers,
    findings: FINDINGS,
    suppressed: [{ ...numberedFinding(99), suppression }],
    ...parts,
  });
  return {
    [`GET images/${DIGEST}/report`]: { body: report },
    [`GET images/${DIGEST}`]: { body: { history: [OLDER] } },
    [`GET images/${DIGEST}/graph`]: { body: graphBody() },
    ...imageChangesAnswer(),
  };
}

/**
 * A version line whose third layer upgrades to the fixed version of one vulnerability, but not of another
 * vulnerability.
 */
const OPENSSL = {
  namespace: 'debian:12',
  name: 'openssl',
  isOfSource: true,
  versions: ['3.0.9-1', '3.0.11-1~deb12u2', '3.0.14-1~deb12u1'],
  points: [
    { version: '3.0.9-1', layer: 0, until: 2, packages: ['openssl', 'libssl3'] },
    { version: '3.0.11-1~deb12u2', layer: 2, until: null, packages: ['openssl', 'libssl3'] },
  ],
  intervals: [
    { vulnerability: 'CVE-2023-5363', from: '0', to: '3.0.11-1~deb12u2', severity: 'High', status: 'fixed' },
    { vulnerability: 'CVE-2024-4741', from: '0', to: '3.0.14-1~deb12u1', severity: 'Medium', status: 'fixed' },
    { vulnerability: 'CVE-2024-9143', from: '3.0.11-1~deb12u2', to: '∞', severity: 'Critical', status: 'open' },
  ].map((interval) => ({ ...interval, isToAffected: false })),
};

function graphBody(): unknown {
  const suppressed = { ...graphFinding(numberedFinding(99)), isSuppressed: true };
  const [ofBase, own] = [0, 1].map((layer) => FINDINGS.filter((finding) => finding.layer === layer).map(graphFinding));
  const repaired = REPAIRED.map(graphFinding);
  const changes = [
    { added: PACKAGES, removed: [], brings: [...(ofBase ?? []), ...repaired], repairs: [] },
    { added: PACKAGES.slice(0, 12), removed: [], brings: [...(own ?? []), suppressed], repairs: [] },
    { added: PACKAGES.slice(3, 4), removed: PACKAGES.slice(4, 5), brings: [], repairs: repaired },
    { added: [], removed: [], brings: [], repairs: [] },
  ];
  return {
    layers: changes.map((change, index) => ({
      index,
      createdBy: INSTRUCTIONS[index],
      origin: index === 0 ? 'base' : 'own',
      size: SIZES[index],
      ...change,
    })),
    lines: [OPENSSL],
  };
}

function graphFinding({ id, version, severity, status, fixedIn, package: name }: ReportFinding): object {
  return { id, package: name, version, severity, status, fixedIn, isSuppressed: false };
}

/** Returns the image's changes of each kind since the earlier image, with more than a page of `new` changes. */
export function imageChangesAnswer(parts: object = {}): PageAnswers {
  const [data, image] = [
    { cause: 'data', at: '2026-01-01T12:30:00.000Z', feed: 'debian' },
    { cause: 'image', at: null, feed: 'debian' },
  ];
  const before = { version: '1.0-1', severity: 'Low', status: 'open', fixedIn: null };
  const after = { version: '1.1-1', severity: 'High', status: 'fixed', fixedIn: '1.2-1' };
  const named = (number: number): object => ({
    vulnerability: `CVE-2025-${3000 + number}`,
    type: 'deb',
    package: packageOf(number).name,
  });
  const news = Array.from({ length: 12 }, (_, number) => ({
    ...(number % 3 === 0 ? image : data),
    ...named(number),
    kind: 'new',
    before: null,
    after: { ...after, severity: number < 4 ? 'Critical' : 'Medium' },
  }));
  const changes = [
    ...news,
    { ...image, ...named(20), kind: 'fixed', before, after: null },
    { ...data, ...named(21), kind: 'withdrawn', before, after: null },
    { ...data, ...named(22), kind: 'rescored', before, after: { ...before, severity: 'High' } },
  ];
  const whole = { since: '2025-12-26T00:00:00.000Z', baseline: null, isWhole: true, knownFrom: null };
  return {
    [`GET images/${DIGEST}/changes`]: { body: { ...whole, comparedWith: OLDER, changes, ...parts } },
  };
}

const UPGRADE = { type: 'deb', namespace: 'debian:12', layers: [0, 2], exploited: 0 };

/** Two upgrades: with a command and an exploited vulnerability, and without a command. */
export const UPGRADES_ANSWER: PageAnswer = {
  body: {
    upgrades: [
      {
        ...UPGRADE,
        name: 'openssl',
        packages: ['libssl3', 'openssl'].map((name) => ({ name, version: '3.0.9-1' })),
        version: '3.0.11-1',
        command: 'apt-get update && apt-get install -y --only-upgrade libssl3 openssl',
        severities: { High: 2 },
        exploited: 1,
        vulnerabilities: ['CVE-2025-7', 'CVE-2025-5'],
      },
      {
        ...UPGRADE,
        type: 'generic',
        name: 'nginx',
        packages: [{ name: 'nginx', version: '1.2' }],
        version: '1.3',
        command: null,
        severities: { Low: 1 },
        vulnerabilities: ['CVE-1', 'CVE-2', 'CVE-3', 'CVE-4', 'CVE-5'],
      },
    ],
    fixes: 3,
    findings: 24,
  },
};

const COMPARED_LAYERS = INSTRUCTIONS.map((createdBy) => ({ createdBy }));

function comparedImage(name: string, layers: readonly object[], isIncomplete: boolean): object {
  const { target, distribution } = reportOf({});
  const diagnostics = isIncomplete ? [{ code: 'feed-stale', message: 'old', where: 'debian', incomplete: true }] : [];
  return { target: { ...target, digest: DIGEST, reference: name }, distribution, diagnostics, layers };
}

/** A comparison of two images with differences of every kind. */
export const COMPARISON_ANSWER: PageAnswer = {
  body: {
    before: comparedImage('registry.example.org/team/router:2.0', COMPARED_LAYERS, true),
    after: comparedImage(
      'registry.example.org/team/router:2.1',
      [...COMPARED_LAYERS.slice(0, 2), { createdBy: '' }],
      false,
    ),
    sharedLayers: 2,
    packages: {
      added: [{ name: 'libnew1', type: 'deb', version: '1.0' }],
      removed: [{ name: 'perl-base', type: 'deb', version: '5.36.0-7' }],
      changed: [
        {
          name: 'openssl',
          type: 'deb',
          before: { version: '3.0.11-1~deb12u1' },
          after: { version: '3.0.11-1~deb12u2' },
        },
      ],
    },
    findings: {
      added: [3, 5].map((number) => ({ ...numberedFinding(number), cause: 'package-added' })),
      removed: Array.from({ length: 12 }, (_, number) => ({
        ...numberedFinding(20 + number),
        cause: 'package-changed',
      })),
      changed: [{ before: numberedFinding(40), after: { ...numberedFinding(40), severity: 'High', fixedIn: '2' } }],
      unchanged: 1234,
    },
  },
};
