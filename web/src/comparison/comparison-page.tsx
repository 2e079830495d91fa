import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { ImageDifference } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { comparisonAddress } from '../place.ts';
import { ComparedImages } from './compared-images.tsx';
import { FindingDifferences } from './finding-differences.tsx';
import { LayerDifferences } from './layer-differences.tsx';
import { PackageDifferences } from './package-differences.tsx';

/**
 * Compares the findings, packages and layers of two images side by side. Each image is given by its digest or a
 * reference.
 */
export function ComparisonPage({
  api,
  before,
  after,
}: {
  readonly api: ApiClient;
  readonly before: string;
  readonly after: string;
}): VNode {
  return (
    <>
      <h1>Compare images</h1>
      <form
        key={`${before} ${after}`}
        class="rule"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          window.location.hash = comparisonAddress(textOf(data, 'before'), textOf(data, 'after'));
        }}
      >
        <ImageField name="before" words="First image" value={before} />
        <ImageField name="after" words="Second image" value={after} />
        <button type="submit">Compare</button>
      </form>
      {before !== '' && after !== '' ? (
        <Comparison {...{ api, before, after }} />
      ) : (
        <p class="empty">Enter two references as shown in the list of images, or two digests.</p>
      )}
    </>
  );
}

function ImageField({
  name,
  words,
  value,
}: {
  readonly name: string;
  readonly words: string;
  readonly value: string;
}): VNode {
  return (
    <label>
      {words}{' '}
      <input
        name={name}
        required
        maxLength={MAX_LENGTH}
        defaultValue={value}
        placeholder="registry.example.org/app:1.0"
        autocomplete="off"
        spellcheck={false}
      />
    </label>
  );
}

/** The maximum length of a reference that the server accepts, in characters. */
const MAX_LENGTH = 512;

function textOf(data: FormData, field: string): string {
  const value = data.get(field);
  return typeof value === 'string' ? value.trim() : '';
}

function Comparison({ api, before, after }: Parameters<typeof ComparisonPage>[0]): VNode {
  const path = `comparison?${new URLSearchParams({ before, after }).toString()}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<ImageDifference>(path, signal), path, path);
  return (
    <LoadingView loaded={loaded} what="the comparison" reload={reload}>
      {(difference) => (
        <>
          <ComparedImages difference={difference} />
          <FindingDifferences difference={difference} />
          <PackageDifferences packages={difference.packages} />
          <LayerDifferences difference={difference} />
        </>
      )}
    </LoadingView>
  );
}
