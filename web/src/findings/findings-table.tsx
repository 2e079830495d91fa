import { isExploited } from '../../../src/model/report/exploited-finding.ts';
import type { VNode } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Report } from '../../../src/model/report/report.ts';
import { replaceAddress } from '../address.ts';
import type { ApiClient } from '../api-client.ts';
import { FindHint, LongTable, type RowAttributes } from '../parts/long-table.tsx';
import { kevGapOfReport } from '../parts/kev-mark.tsx';
import { NoMatch } from '../parts/no-match.tsx';
import { LibraryPlace } from '../parts/path-list.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { SortHeading } from '../parts/sort-heading.tsx';
import { imageAddress, layerAddress } from '../place.ts';
import { countOf, instructionOf, numberInWords } from '../words.ts';
import { NoFix } from './no-fix.tsx';
import { createFindingList, type FindingColumn, type FindingList } from './finding-filter.ts';
import { FindingFilters } from './finding-filters.tsx';
import { type FindingGroup, groupedFindings, groupOf, keyOf } from './finding-groups.ts';
import { FindingPanel } from './finding-panel.tsx';
import { EVERY_FINDING_QUERY, type FindingQuery } from './finding-query.ts';

/**
 * Shows the findings of an image with filters and details. The table has a row for each pair of vulnerability and
 * source package.
 */
export function FindingsTable({
  api,
  path,
  report,
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
  const { findings, layers } = report;
  const { filter, sorting, open } = query;
  const list = useMemo(() => createFindingList(findings), [findings]);
  useEffect(() => prepareInSteps(list), [list]);
  const groups = useMemo(
    () => groupedFindings(list.shown(filter, sorting)),
    // Equal filters can be different objects, because each change parses the address again.
    [list, JSON.stringify([filter, sorting])],
  );
  const opened = useMemo(() => openedGroup(findings, open), [findings, open]);
  if (findings.length === 0) return null;

  const shown = groups.reduce((sum, group) => sum + group.findings.length, 0);
  const addressOf = (part: Partial<FindingQuery>): string =>
    imageAddress(digest, { findings: { ...query, open: null, ...part } });
  const heading = (column: FindingColumn, words: string, startsDescending = false): VNode => (
    <SortHeading
      {...{ column, words, sorting, startsDescending }}
      sort={(next) => replaceAddress(addressOf({ sorting: next }))}
    />
  );
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      <FindingFilters
        filter={filter}
        layers={layers}
        kevGap={kevGapOfReport(report)}
        change={(part) => replaceAddress(addressOf({ filter: { ...filter, ...part } }))}
      />
      <p role="status">
        {shown === findings.length ? '' : `${numberInWords(shown)} of `}
        {countOf(findings.length, 'finding')}
        {shown > 0 &&
          ` in ${countOf(groups.length, 'row')}. Each row is one vulnerability in one source package or library version. The risk is between 0 and 100.`}
        {sorting.column === 'risk' &&
          sorting.isDescending &&
          groups[0]?.findings.some(isExploited) === true &&
          ' Known exploited vulnerabilities come first.'}
        <FindHint count={groups.length}>
          Use the search field above: Ctrl+F finds only the rows that are on the screen.
        </FindHint>
      </p>
      {groups.length === 0 && (
        <NoMatch noun="finding" clear={() => replaceAddress(addressOf({ filter: EVERY_FINDING_QUERY.filter }))} />
      )}
      {groups.length > 0 && (
        <LongTable
          label="Table of findings"
          kind="findings"
          columns={[
            heading('risk', 'Risk', true),
            heading('severity', 'Severity', true),
            heading('id', 'Vulnerability'),
            heading('package', 'Package'),
            heading('fixedIn', 'Fixed in'),
            heading('layer', 'Layer'),
          ]}
          count={groups.length}
          rowOf={(index, row) => {
            const group = groups[index];
            if (group === undefined) return <tr key={index} {...row} />;
            const address = addressOf({ open: group.key });
            return (
              <GroupRow
                key={group.key}
                {...{ layers, digest, address, row }}
                group={groupOf(group)}
                isOpen={group.key === open}
              />
            );
          }}
        />
      )}
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

/** Prepares the findings for the first search between frames. Returns a function that stops the preparation. */
function prepareInSteps(list: FindingList): () => void {
  let timer = 0;
  const step = (): void => {
    if (list.prepare(FINDINGS_PER_STEP)) timer = window.setTimeout(step, STEP_MS);
  };
  timer = window.setTimeout(step, STEP_MS);
  return () => window.clearTimeout(timer);
}

const FINDINGS_PER_STEP = 500;
const STEP_MS = 20;

/** Returns the group of a key, with all its findings, regardless of the filter. */
function openedGroup(findings: Report['findings'], key: string | null): FindingGroup | undefined {
  if (key === null) return undefined;
  const [group] = groupedFindings(findings.filter((finding) => keyOf(finding) === key));
  return group && groupOf(group);
}

/** Returns the ID of the link that opens the details of a group. */
function rowId({ key }: FindingGroup): string {
  return `finding ${key}`;
}

/** The maximum number of packages that a row names. */
const MAX_NAMED = 4;

function GroupRow({
  group,
  layers,
  digest,
  isOpen,
  address,
  row,
}: {
  readonly group: FindingGroup;
  readonly layers: Report['layers'];
  readonly digest: string;
  readonly isOpen: boolean;
  /** The address that opens the details of the group. */
  readonly address: string;
  readonly row: RowAttributes;
}): VNode {
  const { id, risk, severity, epss, name, versions, fixedIn, findings } = group;
  const [first] = findings;
  const from = findings.find((finding) => finding.severity === severity)?.severityFrom ?? 'feed';
  const origins = [
    ...(from === 'feed' ? [] : [`by ${from.toUpperCase()}`]),
    ...(epss === undefined ? [] : [`EPSS ${(epss * 100).toFixed(1)} %`]),
  ];
  const others = [...new Set([...first.cves.map((cve) => cve.id), ...first.aliases])].filter((each) => each !== id);
  return (
    <tr {...row} class={isOpen ? 'open' : undefined}>
      <td class="number" data-label="Risk">
        {risk.toFixed(1)}
      </td>
      <td>
        <SeverityWord severity={severity} />
        {group.isExploited && <b class="kev">exploited</b>}
        {origins.length > 0 && <small>{origins.join(' · ')}</small>}
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
          <small>kernel headers, which gates ignore by default</small>
        )}
      </td>
      <td data-label={fixedIn.length === 0 ? undefined : 'Fixed in'}>
        {fixedIn.length === 0 ? <NoFix status={first.status} /> : <code>{fixedIn.join(', ')}</code>}
      </td>
      <td data-label="Layer">
        {group.layers.map((layer, index) => (
          <span key={layer}>
            {index > 0 && ', '}
            <a
              href={layerAddress(digest, layer, findings.find((each) => each.layer === layer)?.package)}
              title={instructionOf(layers[layer]?.createdBy ?? '')}
            >
              {layer}
            </a>
          </span>
        ))}
      </td>
    </tr>
  );
}

/** The maximum length of a description in a row, in characters. */
const MAX_BRIEF = 200;

/** Shows the names of the binary packages of a source package, unless the only package has the same name. */
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
