import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiClient, ApiError } from '../api-client.ts';
import type { Submission } from '../api-shapes.ts';
import { ErrorWords } from '../parts/loading-view.tsx';
import { imageAddress } from '../place.ts';
import { bytesInWords, countOf, shortDigest } from '../words.ts';

/** The progress of a submission. */
type Way =
  | { readonly state: 'idle' }
  | { readonly state: 'sending'; readonly what: string; readonly part: number | undefined }
  | { readonly state: 'submitted'; readonly submission: Submission }
  | { readonly state: 'failed'; readonly error: unknown };

/** Shows a form that submits an image by reference or as an archive, and shows the progress. */
export function SubmitForm({
  id,
  api,
  isOpen,
  whenDone,
}: {
  readonly id: string;
  readonly api: ApiClient;
  /** A closed form keeps its fields and follows its submission. */
  readonly isOpen: boolean;
  readonly whenDone: () => void;
}): VNode {
  const [way, setWay] = useState<Way>({ state: 'idle' });
  const working = useRef<AbortController>(null);
  useEffect(() => () => working.current?.abort(), []);

  async function run(send: (signal: AbortSignal) => Promise<Submission>): Promise<void> {
    working.current?.abort();
    const { signal } = (working.current = new AbortController());
    try {
      const submission = await send(signal);
      setWay({ state: 'submitted', submission });
      await api.follow(submission.id, (each) => setWay({ state: 'submitted', submission: each }), signal);
      whenDone();
    } catch (error) {
      if (!signal.aborted) setWay({ state: 'failed', error });
    }
  }

  function submit(data: FormData): void {
    const [reference, named, file] = [textOf(data, 'reference'), textOf(data, 'platform'), data.get('archive')];
    const platform = named === '' ? null : named;
    if (file instanceof File && file.size > 0) {
      const what = `${file.name}, ${bytesInWords(file.size)}`;
      setWay({ state: 'sending', what, part: 0 });
      const progress = (part: number): void => setWay({ state: 'sending', what, part });
      void run(async (signal) => await api.upload({ file, platform, progress, signal }));
    } else if (reference !== '') {
      setWay({ state: 'sending', what: reference, part: undefined });
      void run(async () => await api.submit(reference, platform));
    } else {
      const fault = {
        code: 'page/nothing-named',
        message: 'No image given.',
        remedy: 'Enter an image name or choose an archive.',
      };
      setWay({ state: 'failed', error: new ApiError(fault) });
    }
  }

  return (
    <section id={id} class="box submit" aria-label="Submit an image" hidden={!isOpen}>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <label>
          Name <input name="reference" placeholder="registry/name:tag" autocomplete="off" spellcheck={false} />
        </label>
        <label>
          or an archive <input name="archive" type="file" accept=".tar,.gz,.tgz,.zst,.xz" />
        </label>
        <label>
          Platform <input name="platform" placeholder="linux/amd64" autocomplete="off" spellcheck={false} size={12} />
        </label>
        <button type="submit" disabled={way.state === 'sending'}>
          Submit
        </button>
      </form>
      <div role="status" class="way">
        <WayWords way={way} />
      </div>
    </section>
  );
}

function textOf(data: FormData, field: string): string {
  const value = data.get(field);
  return typeof value === 'string' ? value.trim() : '';
}

function WayWords({ way }: { readonly way: Way }): VNode | null {
  switch (way.state) {
    case 'idle':
      return null;
    case 'sending':
      return (
        <p>
          Sending {way.what} … {way.part !== undefined && <progress max={1} value={way.part} aria-label="Sent" />}
        </p>
      );
    case 'failed':
      return (
        <p class="notice incomplete">
          <ErrorWords error={way.error} />
        </p>
      );
    case 'submitted':
      return <SubmissionWords submission={way.submission} />;
  }
}

function SubmissionWords({
  submission: { target, state, layers, images, error },
}: {
  readonly submission: Submission;
}): VNode {
  switch (state) {
    case 'queued':
      return <p>{target} is queued.</p>;
    case 'reading':
      return (
        <p>
          Reading {target}: {layers.done} of {countOf(layers.total, 'layer')}, {layers.known} already indexed{' '}
          <progress max={Math.max(1, layers.total)} value={layers.done} aria-label="Layers read" />
        </p>
      );
    case 'done':
      return (
        <p>
          {target} is indexed:{' '}
          {images.map((digest) => (
            <a key={digest} href={imageAddress(digest)}>
              {shortDigest(digest)}
            </a>
          ))}
        </p>
      );
    case 'failed':
      return (
        <p class="notice incomplete">
          Could not index {target}. {error !== null && <ErrorWords error={new ApiError(error)} />}
        </p>
      );
  }
}
