import type { VNode } from 'preact';
import { PACKAGE_KINDS, type PackageKind } from '../../../src/model/package-kind.ts';

/** Shows the filter by the kind of packages. `kind` is null for all kinds. */
export function KindSelect({
  kind,
  change,
}: {
  readonly kind: PackageKind | null;
  readonly change: (kind: PackageKind | null) => void;
}): VNode {
  return (
    <label>
      Type{' '}
      <select
        value={kind ?? ''}
        onChange={({ currentTarget: { value } }) => change(PACKAGE_KINDS.find((each) => each === value) ?? null)}
      >
        <option value="">any</option>
        {PACKAGE_KINDS.map((each) => (
          <option key={each} value={each}>
            {KIND_WORDS[each]}
          </option>
        ))}
      </select>
    </label>
  );
}

const KIND_WORDS: Readonly<Record<PackageKind, string>> = {
  os: 'OS packages',
  library: 'libraries',
  file: 'files',
};
