import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Report } from '../../../src/model/report/report.ts';
import { replaceAddress } from '../address.ts';
import type { ApiClient } from '../api-client.ts';
import { Pager } from '../parts/pager.tsx';
import { LibraryPlace } from '../parts/path-list.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { SortHeading } from '../parts/sort-heading.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { imageAddress, layerAddress } from '../place.ts';
import { countOf, instructionOf } from '../words.ts';
import { type FindingColumn, findingsShown } from './finding-filter.ts';
import { FindingFilters } from './finding-filters.tsx';
import { type FindingGroup, findingGroups } from './finding-groups.ts';
import { FindingPanel } from './finding-panel.tsx';
import type { FindingQuery } from './finding-query.ts';

/** Tables with thousands of rows slow down browsers and screen readers. */
const ROWS_PER_PAGE = 100;

/** Shows the findings of an image, one row for each vulnerability and source package, with filters and details. */
export function FindingsTable({
  api,
  path,
  report: { findings, layers },
  digest,
  query,
}: {
  readonly api: ApiClient;
  /** The path of the image in the API. */
  readonly path: string;
  readonly report: Report;
  /** The digest in the address of the image. */
  readonly digest: string;
  readonly query: FindingQuery;
}): VNode | null {
  const { filter, sorting, open } = query;
  const [page, setPage] = useState(0);
  const groups = useMemo(
    () => findingGroups(findingsShown(findings, filter, sorting)),
    // The address is parsed again on each change, so equal filters are different objects.
    [findings, JSON.stringify([filter, sorting])],
  );
  const all = useMemo(() => findingGroups(findings), [findings]);
  if (findings.length === 0) return null;

  const shown = groups.reduce((sum, group) => sum + group.findings.length, 0);
  const opened = open === null ? undefined : all.find(({ key }) => key === open);
  const addressOf = (part: Partial<FindingQuery>): string =>
    imageAddress(digest, { findings: { ...query, open: null, ...part } });
  const heading = (column: FindingColumn, words: string, startsDescending = false): VNode => (
    <SortHeading
      {...{ column, words, sorting, startsDescending }}
      sort={(next) => {
        replaceAddress(addressOf({ sorting: next }));
        setPage(0);
      }}
    />
  );
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      <FindingFilters
        filter={filter}
        layers={layers}
        change={(part) => {
          replaceAddress(addressOf({ filter: { ...filter, ...part } }));
          setPage(0);
        }}
      />
      <p role="status">
        {shown === findings.length ? '' : `${shown.toLocaleString('en')} of `}
        {countOf(findings.length, 'finding')} in {countOf(groups.length, 'row')}: one row for each vulnerability and
        source package
      </p>
      <TableFrame
        label="Table of findings"
        columns={[
          heading('risk', 'Risk', true),
          heading('severity', 'Severity', true),
          heading('id', 'Vulnerability'),
          heading('package', 'Package'),
          heading('fixedIn', 'Fixed in'),
          heading('layer', 'Layer'),
        ]}
      >
        {groups.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((group) => (
          <GroupRow
            key={group.key}
            {...{ group, layers, digest }}
            isOpen={group.key === open}
            address={addressOf({ open: group.key })}
          />
        ))}
      </TableFrame>
      <Pager page={page} pages={Math.ceil(groups.length / ROWS_PER_PAGE)} label="Pages of findings" turn={setPage} />
      {opened !== undefined && (
        <FindingPanel
          {...{ group: opened, layers, digest, api, path }}
          close={() => {
            replaceAddress(addressOf({}));
            document.getElementById(rowId(opened))?.focus();
          }}
        />
      )}
    </section>
  );
}

/** The id of the link that opens the details of a group. */
function rowId({ key }: FindingGroup): string {
  return `finding ${key}`;
}

/** The number of packages that a row names. */
const MAX_NAMED = 4;

function GroupRow({
  group,
  layers,
  digest,
  isOpen,
  address,
}: {
  readonly group: FindingGroup;
  readonly layers: Report['layers'];
  readonly digest: string;
  readonly isOpen: boolean;
  /** The address that opens the details. */
  readonly address: string;
}): VNode {
  const { id, risk, severity, epss, name, versions, fixedIn, findings } = group;
  const [first] = findings;
  const from = findings.find((finding) => finding.severity === severity)?.severityFrom ?? 'feed';
  const others = [...new Set([...first.cves.map((cve) => cve.id), ...first.aliases])].filter((each) => each !== id);
  return (
    <tr class={isOpen ? 'open' : undefined}>
      <td class="number" data-label="Risk">
        {risk.toFixed(1)}
      </td>
      <td>
        <SeverityWord {...{ severity, from }} />
        {group.isExploited && <b class="kev">exploited</b>}
        {epss !== undefined && <small>EPSS {(epss * 100).toFixed(1)} %</small>}
      </td>
      <th scope="row">
        <a id={rowId(group)} href={address}>
          {id}
        </a>
        {others.length > 0 && <small>{others.join(', ')}</small>}
        {first.description !== '' && (
          <small>
            <bdi class="brief">{first.description.slice(0, MAX_BRIEF)}</bdi>
          </small>
        )}
      </th>
      <td>
        <bdi>{name}</bdi> <code>{versions.join(', ')}</code>
        <Binaries group={group} />
        {first.reachabilityReason !== null && <small>{first.reachabilityReason}</small>}
        {first.candidates.length > 0 && <small>matched as {first.candidates.join(', ')}</small>}
        <LibraryPlace of={first} />
        {findings.every((finding) => finding.class === 'kernel-headers') && (
          <small>kernel headers: ignored by gates</small>
        )}
      </td>
      <td data-label={fixedIn.length === 0 ? 'State' : 'Fixed in'}>
        {fixedIn.length === 0 ? <span class="faint">{first.status}</span> : <code>{fixedIn.join(', ')}</code>}
      </td>
      <td data-label="Layer">
        {group.layers.map((layer, index) => (
          <span key={layer}>
            {index > 0 && ', '}
            <a href={layerAddress(digest, layer)} title={instructionOf(layers[layer]?.createdBy ?? '')}>
              {layer}
            </a>
          </span>
        ))}
      </td>
    </tr>
  );
}

/** The longest part of a description that a row shows, in characters. */
const MAX_BRIEF = 200;

/** Names the binary packages of a source package, unless the only package has the same name. */
function Binaries({ group: { name, findings } }: { readonly group: FindingGroup }): VNode | null {
  const names = [...new Set(findings.map((finding) => finding.package))];
  if (names.length === 1 && names[0] === name) return null;
  const more = names.length - MAX_NAMED;
  return (
    <small>
      <bdi>{names.slice(0, MAX_NAMED).join(', ')}</bdi>
      {more > 0 && ` and ${countOf(more, 'package')}`}
    </small>
  );
}
