import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Report, ReportFinding } from '../../../src/model/report/report.ts';
import type { ApiClient } from '../api-client.ts';
import type { ImageGraph } from '../api-shapes.ts';
import { VersionLine } from '../images/version-line.tsx';
import { useLoaded } from '../loaded.ts';
import { IgnoredFinding } from '../ignore-rules/ignored-finding.tsx';
import { useFirstShown } from '../parts/first-shown.tsx';
import { LibraryPlace } from '../parts/path-list.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { webAddress } from '../parts/web-address.ts';
import { layerAddress, vulnerabilityAddress } from '../place.ts';
import { instructionOf } from '../words.ts';
import { CveFacts } from '../vulnerabilities/cve-facts.tsx';
import type { FindingGroup } from './finding-groups.ts';

/** The number of packages and of links shown at first. */
const FIRST_SHOWN = 10;

/**
 * Shows the details of a group of findings beside the table. The details include why the image is affected, the risk,
 * and the fix.
 */
export function FindingPanel({
  group,
  layers,
  digest,
  api,
  path,
  close,
}: {
  readonly group: FindingGroup;
  readonly layers: Report['layers'];
  readonly digest: string;
  readonly api: ApiClient;
  /** The path of the image in the API. */
  readonly path: string;
  readonly close: () => void;
}): VNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [group.key]);
  const [first] = group.findings;
  const severityFrom = group.findings.find(({ severity }) => severity === group.severity)?.severityFrom;
  const aliases = first.aliases.filter((alias) => alias !== group.id);
  return (
    <aside
      class="panel"
      aria-labelledby="panel-title"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div class="panel-top">
        <h3 id="panel-title" ref={heading} tabIndex={-1}>
          {group.id} in <bdi>{group.name}</bdi>
        </h3>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      <p>
        <SeverityWord severity={group.severity} {...(severityFrom !== undefined && { from: severityFrom })} />{' '}
        {group.isExploited && <b class="kev">known exploited</b>} Risk {group.risk.toFixed(1)} of 100
      </p>
      {aliases.length > 0 && <p class="faint">Also known as {aliases.join(', ')}</p>}
      <p>
        <a href={vulnerabilityAddress(group.id)}>All images with {group.id}</a>
      </p>
      <IgnoredFinding api={api} id={group.id} name={group.name} />
      {first.description !== '' && (
        <p class="words">
          <bdi>{first.description}</bdi>
        </p>
      )}
      <h4>Why the image is affected</h4>
      <PackageList {...{ group, layers, digest }} />
      <Line {...{ group, api, path }} />
      {first.cves.map((cve) => (
        <CveFacts key={cve.id} cve={cve} />
      ))}
      <Advisories findings={group.findings} />
    </aside>
  );
}

function PackageList({
  group,
  layers,
  digest,
}: Pick<Parameters<typeof FindingPanel>[0], 'group' | 'layers' | 'digest'>): VNode {
  const [shown, more] = useFirstShown(group.findings, FIRST_SHOWN);
  return (
    <>
      <ul>
        {shown.map((finding) => (
          <li key={finding.purl}>
            <bdi>{finding.package}</bdi> <code>{finding.version}</code> {fixWords(finding)}{' '}
            <a href={layerAddress(digest, finding.layer, finding.package)}>layer {finding.layer}</a>
            <small>{instructionOf(layers[finding.layer]?.createdBy ?? '')}</small>
            <LibraryPlace of={finding} />
            {finding.reachabilityReason !== null && <small>{finding.reachabilityReason}</small>}
            {finding.candidates.length > 0 && <small>matched as {finding.candidates.join(', ')}</small>}
            {finding.class === 'kernel-headers' && <small>kernel headers, which gates ignore by default</small>}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

function fixWords({ fixedIn, status, namespace }: ReportFinding): VNode {
  if (fixedIn === null)
    return (
      <>
        has no fix in {namespace} ({status}),
      </>
    );
  return (
    <>
      is fixed in <code>{fixedIn}</code> ({namespace}),
    </>
  );
}

/** Shows the version line of the package, if the history of the image contains it. */
function Line({
  group: { name, findings },
  api,
  path,
}: Pick<Parameters<typeof FindingPanel>[0], 'group' | 'api' | 'path'>): VNode | null {
  const [graph] = useLoaded(async (signal) => await api.get<ImageGraph>(`${path}/graph`, signal), path);
  if (graph.state !== 'ready') return null;
  const [{ namespace, package: binary }] = findings;
  const ofNamespace = graph.value.lines.filter((line) => line.namespace === namespace);
  const line = ofNamespace.find((each) => each.name === name) ?? ofNamespace.find((each) => each.name === binary);
  return line === undefined ? null : <VersionLine line={line} />;
}

function Advisories({ findings }: { readonly findings: FindingGroup['findings'] }): VNode | null {
  const links = [...new Set(findings.flatMap(({ link, links: all }) => [link, ...all]))].flatMap(
    (link) => webAddress(link) ?? [],
  );
  const [shown, more] = useFirstShown(links, FIRST_SHOWN);
  if (links.length === 0) return null;
  return (
    <>
      <h4>Advisories</h4>
      <ul>
        {shown.map((link) => (
          <li key={link}>
            <a href={link} rel="noreferrer noopener" target="_blank">
              {link}
            </a>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
