import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { parseSeverity } from '../../../src/model/severity.ts';
import type { Report, ReportFinding } from '../../../src/model/report/report.ts';
import { KindSelect } from '../parts/kind-select.tsx';
import { Pager } from '../parts/pager.tsx';
import { LibraryPlace } from '../parts/path-list.tsx';
import { FROM_WORST, SeverityWord } from '../parts/severity-word.tsx';
import { SortHeading, type Sorting } from '../parts/sort-heading.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { webAddress } from '../parts/web-address.ts';
import { imageAddress, vulnerabilityAddress } from '../place.ts';
import { countOf, instructionOf } from '../words.ts';
import {
  EVERY_FINDING,
  epssOf,
  type FindingColumn,
  type FindingFilter,
  findingsShown,
  isExploited,
} from './finding-filter.ts';

/** Tables with thousands of rows slow down browsers and screen readers. */
const ROWS_PER_PAGE = 100;

/** Shows the findings of an image, with filters, sorting and search. */
export function FindingsTable({
  report: { findings, layers },
  digest,
}: {
  readonly report: Report;
  /** The digest in the address of the image. */
  readonly digest: string;
}): VNode | null {
  const [filter, setFilter] = useState(EVERY_FINDING);
  const [sorting, setSorting] = useState<Sorting<FindingColumn>>({ column: 'risk', isDescending: true });
  const [page, setPage] = useState(0);
  const shown = useMemo(() => findingsShown(findings, filter, sorting), [findings, filter, sorting]);
  if (findings.length === 0) return null;

  const heading = (column: FindingColumn, words: string, startsDescending = false): VNode => (
    <SortHeading
      {...{ column, words, sorting, startsDescending }}
      sort={(next) => {
        setSorting(next);
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
          setFilter({ ...filter, ...part });
          setPage(0);
        }}
      />
      <p role="status">
        {shown.length === findings.length
          ? countOf(shown.length, 'finding')
          : `${shown.length.toLocaleString('en')} of ${countOf(findings.length, 'finding')}`}
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
        {shown.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((finding) => (
          <FindingRow
            key={`${finding.id} ${finding.purl} ${finding.namespace}`}
            finding={finding}
            image={digest}
            instruction={instructionOf(layers[finding.layer]?.createdBy ?? '')}
          />
        ))}
      </TableFrame>
      <Pager page={page} pages={Math.ceil(shown.length / ROWS_PER_PAGE)} label="Pages of findings" turn={setPage} />
    </section>
  );
}

function FindingFilters({
  filter,
  layers,
  change,
}: {
  readonly filter: FindingFilter;
  readonly layers: Report['layers'];
  readonly change: (part: Partial<FindingFilter>) => void;
}): VNode {
  return (
    <form class="filters" aria-label="Filter the findings" onSubmit={(event) => event.preventDefault()}>
      <label>
        Search{' '}
        <input
          type="search"
          placeholder="CVE or package"
          value={filter.text}
          onInput={({ currentTarget }) => change({ text: currentTarget.value.trim() })}
        />
      </label>
      <label>
        Minimum severity{' '}
        <select
          value={filter.least}
          onChange={({ currentTarget }) => change({ least: parseSeverity(currentTarget.value) ?? 'Unknown' })}
        >
          {FROM_WORST.map((severity) => (
            <option key={severity} value={severity}>
              {severity}
            </option>
          ))}
        </select>
      </label>
      <label>
        From layer{' '}
        <select
          value={filter.layer ?? ''}
          onChange={({ currentTarget: { value } }) => change({ layer: value === '' ? null : Number(value) })}
        >
          <option value="">any</option>
          {layers.map(({ index, createdBy }) => (
            <option key={index} value={index}>
              {index}: {instructionOf(createdBy).slice(0, 40)}
            </option>
          ))}
        </select>
      </label>
      <KindSelect kind={filter.kind} change={(kind) => change({ kind })} />
      <label>
        <input
          type="checkbox"
          checked={filter.isFixable}
          onChange={({ currentTarget }) => change({ isFixable: currentTarget.checked })}
        />{' '}
        Fixable
      </label>
      <label>
        <input
          type="checkbox"
          checked={filter.isExploited}
          onChange={({ currentTarget }) => change({ isExploited: currentTarget.checked })}
        />{' '}
        Known exploited
      </label>
    </form>
  );
}

function FindingRow({
  finding,
  image,
  instruction,
}: {
  readonly finding: ReportFinding;
  readonly image: string;
  readonly instruction: string;
}): VNode {
  const {
    id,
    aliases,
    risk,
    severity,
    severityFrom,
    cves,
    version,
    fixedIn,
    status,
    source,
    layer,
    link,
    description,
  } = finding;
  const address = webAddress(link);
  const epss = epssOf(finding);
  const others = [...new Set([...cves.map((cve) => cve.id), ...aliases])].filter((name) => name !== id);
  return (
    <tr>
      <td class="number" data-label="Risk">
        {risk.toFixed(1)}
      </td>
      <td>
        <SeverityWord severity={severity} from={severityFrom} />
        {isExploited(finding) && <b class="kev">exploited</b>}
        {epss !== undefined && <small>EPSS {(epss * 100).toFixed(1)} %</small>}
      </td>
      <th scope="row">
        <a href={vulnerabilityAddress(id)}>{id}</a>
        {address !== undefined && (
          <a class="away" href={address} rel="noreferrer noopener" target="_blank" aria-label={`Advisory for ${id}`}>
            ↗
          </a>
        )}
        {others.length > 0 && <small>{others.join(', ')}</small>}
        {finding.reachabilityReason !== null && <small>{finding.reachabilityReason}</small>}
        {description !== '' && (
          <details>
            <summary>Description</summary>
            <p class="words">
              <bdi>{description}</bdi>
            </p>
          </details>
        )}
      </th>
      <td>
        <bdi>{finding.package}</bdi> <code>{version}</code>
        {source.name !== finding.package && <small>source package {source.name}</small>}
        {finding.candidates.length > 0 && <small>matched as {finding.candidates.join(', ')}</small>}
        <LibraryPlace of={finding} />
        {finding.class === 'kernel-headers' && <small>kernel headers: ignored by gates</small>}
      </td>
      <td data-label={fixedIn === null ? 'State' : 'Fixed in'}>
        {fixedIn === null ? <span class="faint">{status}</span> : <code>{fixedIn}</code>}
      </td>
      <td data-label="Layer">
        <a href={imageAddress(image, layer)} title={instruction}>
          {layer}
        </a>
      </td>
    </tr>
  );
}
