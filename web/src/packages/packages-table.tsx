import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { isLibrary } from '../../../src/model/package-kind.ts';
import type { Report, ReportPackage } from '../../../src/model/report/report.ts';
import { replaceAddress } from '../address.ts';
import { KindSelect } from '../parts/kind-select.tsx';
import { FindHint, LongTable, type RowAttributes } from '../parts/long-table.tsx';
import { PathList } from '../parts/path-list.tsx';
import { imageAddress, layerAddress } from '../place.ts';
import { countOf, instructionOf, numberInWords } from '../words.ts';
import { type PackageFilter, packagesShown } from './package-filter.ts';

/** Shows the packages of an image, with filters. */
export function PackagesTable({
  report: { packages, layers },
  digest,
  filter,
}: {
  readonly report: Report;
  /** The digest in the address of the image. */
  readonly digest: string;
  readonly filter: PackageFilter;
}): VNode {
  return (
    <section aria-labelledby="packages-title">
      <h2 id="packages-title">Packages</h2>
      {packages.length === 0 ? (
        <p class="empty">No packages found.</p>
      ) : (
        <FullTable {...{ packages, layers, digest, filter }} />
      )}
    </section>
  );
}

function FullTable({
  packages,
  layers,
  digest,
  filter,
}: Pick<Report, 'packages' | 'layers'> & { readonly digest: string; readonly filter: PackageFilter }): VNode {
  const shown = useMemo(() => packagesShown(packages, filter), [packages, filter.text, filter.kind]);
  const change = (part: Partial<PackageFilter>): void =>
    replaceAddress(imageAddress(digest, { tab: 'packages', packages: { ...filter, ...part } }));
  return (
    <>
      <form class="filters" aria-label="Filter the packages" onSubmit={(event) => event.preventDefault()}>
        <label>
          Search{' '}
          <input
            type="search"
            placeholder="package or path"
            value={filter.text}
            onInput={({ currentTarget }) => change({ text: currentTarget.value })}
          />
        </label>
        <KindSelect kind={filter.kind} change={(kind) => change({ kind })} />
      </form>
      <p role="status">
        {numberInWords(shown.length)} of {countOf(packages.length, 'package')}
        <FindHint count={shown.length}>
          Use the search field above: Ctrl+F finds only the rows that are on the screen.
        </FindHint>
      </p>
      <LongTable
        label="Table of packages"
        kind="packages"
        columns={['Package', 'Type', 'Place', 'Layer']}
        count={shown.length}
        rowOf={(index, row) => {
          const each = shown[index];
          if (each === undefined) return <tr key={index} {...row} />;
          const instruction = instructionOf(layers[each.layer]?.createdBy ?? '');
          return (
            <PackageRow key={`${each.namespace} ${each.purl}`} {...{ of: each, image: digest, instruction, row }} />
          );
        }}
      />
    </>
  );
}

function PackageRow({
  of,
  image,
  instruction,
  row,
}: {
  readonly of: ReportPackage;
  readonly image: string;
  readonly instruction: string;
  readonly row: RowAttributes;
}): VNode {
  const { name, version, type, arch, source, paths, flags, candidates, layer } = of;
  return (
    <tr {...row}>
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
