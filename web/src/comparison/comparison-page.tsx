import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isDigest } from '../../../src/model/digest.ts';
import type { ApiClient } from '../api-client.ts';
import type { ImageDifference } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { comparisonAddress } from '../place.ts';
import { ComparedImages } from './compared-images.tsx';
import { FindingDifferences } from './finding-differences.tsx';
import { CHOICE_TITLE, ImageChoice, ImageName } from './image-choice.tsx';
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
  const [text, setText] = useState('');
  const choice =
    before === ''
      ? { words: 'Choose the first image', other: after, addressOf: (of: string) => comparisonAddress(of, after) }
      : { words: 'Choose the second image', other: before, addressOf: (of: string) => comparisonAddress(before, of) };
  const title = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    setText('');
    // The link or field that had the focus disappears, and the title of the document stays the same.
    if (!isFirst.current) (document.getElementById(CHOICE_TITLE) ?? title.current)?.focus();
    isFirst.current = false;
  }, [before, after]);
  return (
    <>
      <h1 ref={title} tabIndex={-1}>
        Compare images
      </h1>
      <form
        key={`${before} ${after}`}
        class="rule compared-names"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          window.location.hash = comparisonAddress(textOf(data, 'before'), textOf(data, 'after'));
        }}
      >
        <ImageField
          api={api}
          name="before"
          words="First image"
          value={before}
          type={before === '' ? setText : ignore}
        />
        <ImageField api={api} name="after" words="Second image" value={after} type={before === '' ? ignore : setText} />
        <button type="submit">Compare</button>
      </form>
      {before !== '' && after !== '' ? (
        <Comparison {...{ api, before, after }} />
      ) : (
        <>
          <p class="faint">Enter the references of two images or their digests, or choose an image from the list.</p>
          <ImageChoice key={choice.words} {...{ api, text, ...choice }} />
        </>
      )}
    </>
  );
}

function ImageField({
  api,
  name,
  words,
  value,
  type,
}: {
  readonly api: ApiClient;
  readonly name: string;
  readonly words: string;
  readonly value: string;
  /** The field calls this function with its text when the reader types. */
  readonly type: (text: string) => void;
}): VNode {
  return (
    <div>
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
          onInput={({ currentTarget }) => type(currentTarget.value)}
        />
      </label>
      {isDigest(value) && <ImageName api={api} of={value} />}
    </div>
  );
}

/** Ignores the text of a field that is not searched. */
function ignore(): void {}

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
