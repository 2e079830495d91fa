import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { isLibrary } from '../../../src/model/package-kind.ts';
import type { Report, ReportPackage } from '../../../src/model/report/report.ts';
import { replaceAddress } from '../address.ts';
import { KindSelect } from '../parts/kind-select.tsx';
import { FindHint, LongTable, type RowAttributes } from '../parts/long-table.tsx';
import { NoMatch } from '../parts/no-match.tsx';
import { PathList } from '../parts/path-list.tsx';
import { imageAddress, layerAddress } from '../place.ts';
import { countOf, instructionOf, numberInWords } from '../words.ts';
import { EVERY_PACKAGE, type PackageFilter, packagesShown } from './package-filter.ts';

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
  const hasPlaces = useMemo(() => packages.some(hasPlace), [packages]);
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
        {shown.length > 0 && '.'}
        <FindHint count={shown.length}>
          Use the search field above: Ctrl+F finds only the rows that are on the screen.
        </FindHint>
      </p>
      {shown.length === 0 && <NoMatch noun="package" clear={() => change(EVERY_PACKAGE)} />}
      {shown.length > 0 && (
        <LongTable
          label="Table of packages"
          kind={hasPlaces ? 'packages placed' : 'packages'}
          columns={['Package', 'Type', ...(hasPlaces ? ['Place'] : []), 'Layer']}
          count={shown.length}
          rowOf={(index, row) => {
            const each = shown[index];
            if (each === undefined) return <tr key={index} {...row} />;
            const instruction = instructionOf(layers[each.layer]?.createdBy ?? '');
            return (
              <PackageRow
                key={`${each.namespace} ${each.purl}`}
                {...{ of: each, image: digest, instruction, hasPlaces, row }}
              />
            );
          }}
        />
      )}
    </>
  );
}

function PackageRow({
  of,
  image,
  instruction,
  hasPlaces,
  row,
}: {
  readonly of: ReportPackage;
  readonly image: string;
  readonly instruction: string;
  /** Whether the table has the column with the places. */
  readonly hasPlaces: boolean;
  readonly row: RowAttributes;
}): VNode {
  const { name, version, type, arch, flags, candidates, layer } = of;
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
      {hasPlaces && (
        <td data-label="Place">
          <PlaceWord of={of} />
          <OwnerWord of={of} />
        </td>
      )}
      <td data-label="Layer">
        <span class="layer-line" title={instruction}>
          <a href={layerAddress(image, layer, name)}>{layer}</a> <code class="brief">{instruction}</code>
        </span>
      </td>
    </tr>
  );
}

/** Returns whether the column with the places contains information about a package. */
function hasPlace(of: ReportPackage): boolean {
  return isLibrary(of) || of.source.name !== of.name || of.owner !== null;
}

function PlaceWord({ of }: { readonly of: ReportPackage }): VNode {
  if (isLibrary(of)) return <PathList paths={of.paths} />;
  return (
    <span class="faint">{of.source.name === of.name ? 'package database' : `source package ${of.source.name}`}</span>
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
