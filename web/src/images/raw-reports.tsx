import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Report } from '../../../src/model/report/report.ts';
import type { ApiClient } from '../api-client.ts';
import { CopyText } from '../parts/copy-text.tsx';
import { ErrorWords } from '../parts/loading-view.tsx';
import { shortDigest } from '../words.ts';

/** The formats of reports, with the names that the parameter `format` of the API accepts. */
const FORMATS = [
  { id: 'json', words: 'JSON report', file: 'json' },
  { id: 'html', words: 'HTML page, for offline use and printing', file: 'html' },
  { id: 'sarif', words: 'SARIF, for code scanning', file: 'sarif' },
  { id: 'cyclonedx', words: 'CycloneDX SBOM with vulnerabilities', file: 'cdx.json' },
  { id: 'spdx', words: 'SPDX SBOM', file: 'spdx.json' },
  { id: 'openvex', words: 'OpenVEX document', file: 'openvex.json' },
  { id: 'gitlab', words: 'GitLab container scanning report', file: 'gitlab.json' },
  { id: 'junit', words: 'JUnit', file: 'junit.xml' },
  { id: 'markdown', words: 'Markdown', file: 'md' },
  { id: 'table', words: 'Table', file: 'txt' },
] as const;

type Format = (typeof FORMATS)[number];

type Outcome =
  | { readonly kind: 'done'; readonly words: string }
  | { readonly kind: 'failed'; readonly what: string; readonly error: unknown };

/** Shows buttons that download the report of an image in any format, scan the image again, and delete the image. */
export function RawReports({
  api,
  path,
  report,
}: {
  readonly api: ApiClient;
  /** The path of the image in the API. */
  readonly path: string;
  readonly report: Report;
}): VNode {
  const { target } = report;
  const [outcome, setOutcome] = useState<Outcome>();
  const [isAsked, setAsked] = useState(false);
  const run = (what: string, work: () => Promise<string>): void => {
    void work().then(
      (words) => setOutcome({ kind: 'done', words }),
      (error: unknown) => setOutcome({ kind: 'failed', what, error }),
    );
  };
  return (
    <section aria-labelledby="raw-title">
      <h2 id="raw-title">Raw</h2>
      <ul class="downloads">
        {FORMATS.map((format) => (
          <li key={format.id}>
            <button
              type="button"
              onClick={() =>
                run(`download the ${format.words}`, async () => await download(api, path, format, target.digest))
              }
            >
              Download
            </button>
            <span>{format.words}</span>
          </li>
        ))}
      </ul>
      <p>
        With curl: <CopyText text={curlCommand(path)} label="the curl command" />
      </p>
      <h3>Image</h3>
      <p class="actions">
        <button
          type="button"
          onClick={() =>
            run('scan the image again', async () => {
              await api.submit(target.reference, target.platform);
              return `${target.reference} is queued. The page “Feeds and queue” shows the progress.`;
            })
          }
        >
          Scan again
        </button>{' '}
        {isAsked ? (
          <>
            <b>Delete this image and its report?</b>{' '}
            <button
              type="button"
              onClick={() =>
                run('delete the image', async () => {
                  await api.remove(path);
                  window.location.hash = '#/images';
                  return 'The image is deleted.';
                })
              }
            >
              Delete
            </button>{' '}
            <button type="button" onClick={() => setAsked(false)}>
              Keep
            </button>
          </>
        ) : (
          <button type="button" onClick={() => setAsked(true)}>
            Delete …
          </button>
        )}
      </p>
      <div role="status">
        {outcome?.kind === 'done' && <p class="notice">{outcome.words}</p>}
        {outcome?.kind === 'failed' && (
          <p class="notice incomplete">
            <b>Could not {outcome.what}.</b> <ErrorWords error={outcome.error} />
          </p>
        )}
      </div>
    </section>
  );
}

/** Downloads a report with the API client, because a link cannot send the bearer token. */
async function download(api: ApiClient, path: string, { id, words, file }: Format, digest: string): Promise<string> {
  const blob = await api.file(`${path}/report?format=${id}`);
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = `${shortDigest(digest).replace(':', '-')}.${file}`;
  link.click();
  URL.revokeObjectURL(address);
  return `Downloaded: ${words}`;
}

function curlCommand(path: string): string {
  const address = new URL(`v2/${path}/report?format=json`, window.location.href);
  return `curl -fsS '${address.href}'`;
}
