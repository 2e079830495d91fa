import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { isLibrary } from '../../../src/model/package-kind.ts';
import type { Report, ReportPackage } from '../../../src/model/report/report.ts';
import { KindSelect } from '../parts/kind-select.tsx';
import { Pager } from '../parts/pager.tsx';
import { PathList } from '../parts/path-list.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { layerAddress } from '../place.ts';
import { countOf, instructionOf } from '../words.ts';
import { EVERY_PACKAGE, type PackageFilter, packagesShown } from './package-filter.ts';

/** Tables with thousands of rows slow down browsers and screen readers. */
const ROWS_PER_PAGE = 100;

/** Shows the packages of an image, with filters. */
export function PackagesTable({
  report: { packages, layers },
  digest,
}: {
  readonly report: Report;
  /** The digest in the address of the image. */
  readonly digest: string;
}): VNode {
  return (
    <section aria-labelledby="packages-title">
      <h2 id="packages-title">Packages</h2>
      {packages.length === 0 ? (
        <p class="empty">No packages found.</p>
      ) : (
        <FullTable {...{ packages, layers, digest }} />
      )}
    </section>
  );
}

function FullTable({
  packages,
  layers,
  digest,
}: Pick<Report, 'packages' | 'layers'> & { readonly digest: string }): VNode {
  const [filter, setFilter] = useState(EVERY_PACKAGE);
  const [page, setPage] = useState(0);
  const shown = useMemo(() => packagesShown(packages, filter), [packages, filter]);
  const change = (part: Partial<PackageFilter>): void => {
    setFilter({ ...filter, ...part });
    setPage(0);
  };
  return (
    <>
      <form class="filters" aria-label="Filter the packages" onSubmit={(event) => event.preventDefault()}>
        <label>
          Search{' '}
          <input
            type="search"
            placeholder="package or path"
            value={filter.text}
            onInput={({ currentTarget }) => change({ text: currentTarget.value.trim() })}
          />
        </label>
        <KindSelect kind={filter.kind} change={(kind) => change({ kind })} />
      </form>
      <p role="status">
        {shown.length.toLocaleString('en')} of {countOf(packages.length, 'package')}
      </p>
      <TableFrame label="Table of packages" columns={['Package', 'Type', 'Place', 'Layer']}>
        {shown.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((each) => (
          <PackageRow
            key={`${each.namespace} ${each.purl}`}
            {...{ of: each, image: digest }}
            instruction={instructionOf(layers[each.layer]?.createdBy ?? '')}
          />
        ))}
      </TableFrame>
      <Pager page={page} pages={Math.ceil(shown.length / ROWS_PER_PAGE)} label="Pages of packages" turn={setPage} />
    </>
  );
}

function PackageRow({
  of,
  image,
  instruction,
}: {
  readonly of: ReportPackage;
  readonly image: string;
  readonly instruction: string;
}): VNode {
  const { name, version, type, arch, source, paths, flags, candidates, layer } = of;
  return (
    <tr>
      <th scope="row">
        <bdi>{name}</bdi> <code>{version}</code>
        {flags.map((flag) => (
          <b key={flag} class="state">
            {flag}
          </b>
        ))}
        {candidates.length > 0 && <small>perhaps {candidates.join(' or ')}</small>}
      </th>
      <td data-label="Type">
        {type}
        {arch !== '' && <small>{arch}</small>}
      </td>
      <td data-label="Place">
        {isLibrary(of) ? (
          <PathList paths={paths} />
        ) : (
          source.name !== name && <span class="faint">source package {source.name}</span>
        )}
        <OwnerWord of={of} />
      </td>
      <td data-label="Layer">
        <a href={layerAddress(image, layer)} title={instruction}>
          {layer}
        </a>
      </td>
    </tr>
  );
}

function OwnerWord({ of: { owner } }: { readonly of: ReportPackage }): VNode | null {
  if (owner === null) return null;
  if (owner.name === null)
    return (
      <small>
        owned by {owner.type === 'deb' ? 'a' : 'an'} {owner.type} package
      </small>
    );
  return (
    <small>
      owned by{' '}
      <bdi>
        {owner.name} {owner.version ?? ''}
      </bdi>
    </small>
  );
}
