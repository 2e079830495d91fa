import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Report } from '../../../src/model/report/report.ts';
import type { ApiClient } from '../api-client.ts';
import type { ImageGraph } from '../api-shapes.ts';
import { type Loaded, useLoaded } from '../loaded.ts';
import { IgnoringImage } from '../ignore-rules/ignored-finding.tsx';
import { ignoreRulesAddress, layerAddress } from '../place.ts';
import { CopyText } from '../parts/copy-text.tsx';
import { ErrorWords, LoadingView } from '../parts/loading-view.tsx';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { countSeverities, SeverityCounts } from '../parts/severity-word.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { countOf, numberInWords } from '../words.ts';
import { FindingsTable } from '../findings/findings-table.tsx';
import { PackagesTable } from '../packages/packages-table.tsx';
import { ExploitedNotice } from './exploited-notice.tsx';
import { ImageChanges } from './image-changes.tsx';
import type { ImageQuery } from './image-query.ts';
import { ImageTabs } from './image-tabs.tsx';
import type { OnlyPackage } from './layer-contents.tsx';
import { LayersPicture } from './layers-picture.tsx';
import { OtherImages } from './other-images.tsx';
import { DiagnosticList } from './diagnostic-list.tsx';
import { RawReports } from './raw-reports.tsx';
import { reportedLayers } from './reported-layers.ts';
import { SuppressedTable } from '../findings/suppressed-table.tsx';
import { UpgradesTable } from './upgrades-table.tsx';

/**
 * Shows the diagnostics and the summary of an image, and tabs with its findings, upgrades, layers, packages, changes
 * and raw reports.
 */
export function ImagePage({
  api,
  digest,
  query,
}: {
  readonly api: ApiClient;
  readonly digest: string;
  readonly query: ImageQuery;
}): VNode {
  const path = `images/${encodeURIComponent(digest)}`;
  const [report, reload] = useLoaded(async (signal) => await api.get<Report>(`${path}/report`, signal), digest);
  const [ignored, setIgnored] = useState<string>();
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The panel of the ignored finding disappears, so the focus moves to the notice.
    if (ignored !== undefined) notice.current?.focus();
  }, [ignored]);
  const whenIgnored = (what: string): void => {
    setIgnored(what);
    reload();
  };
  return (
    <>
      {report.state !== 'ready' && <h1>Image</h1>}
      <LoadingView loaded={report} what="the image" reload={reload}>
        {(present) => (
          <>
            <Head report={present} digest={digest} />
            <ImageTabs
              digest={digest}
              current={query.tab}
              counts={{
                findings: present.findings.length,
                layers: present.layers.length,
                packages: present.packages.length,
              }}
            />
            <div role="status" tabIndex={-1} ref={notice}>
              {ignored !== undefined && (
                <p class="notice">
                  Created an ignore rule for <bdi>{ignored}</bdi>.{' '}
                  <a href={ignoreRulesAddress({ state: 'active', search: '' })}>Show all rules</a>
                </p>
              )}
            </div>
            <IgnoringImage.Provider value={{ image: present.target, whenIgnored }}>
              <TabContent {...{ api, path, digest, query }} report={present} />
            </IgnoringImage.Provider>
            <DataWords report={present} />
          </>
        )}
      </LoadingView>
    </>
  );
}

/**
 * Shows the parts that do not depend on filters. The nodes of a report are cached, so that typing does not render the
 * nodes again.
 */
function Head({ report, digest }: { readonly report: Report; readonly digest: string }): VNode {
  return useMemo(
    () => (
      <>
        <Heading report={report} />
        <DiagnosticList diagnostics={report.diagnostics} />
        <Summary report={report} />
        <ExploitedNotice findings={report.findings} digest={digest} />
      </>
    ),
    [report, digest],
  );
}

function TabContent({
  api,
  path,
  digest,
  query,
  report,
}: Parameters<typeof ImagePage>[0] & { readonly path: string; readonly report: Report }): VNode {
  switch (query.tab) {
    case 'findings':
      return (
        <>
          {report.findings.length === 0 && (
            <p class="empty">
              {isIncompleteReport(report) ? 'No findings, but the report is incomplete.' : 'No findings.'}
            </p>
          )}
          <FindingsTable {...{ api, path, report, digest }} query={query.findings} />
          <SuppressedTable suppressed={report.suppressed} />
        </>
      );
    case 'upgrades':
      return <UpgradesTable {...{ api, path, digest }} findings={report.findings} />;
    case 'layers':
      return <Layers {...{ api, path, report }} wanted={query.layer} only={onlyPackage(digest, query)} />;
    case 'packages':
      return <PackagesTable {...{ report, digest }} filter={query.packages} />;
    case 'changes':
      return (
        <>
          <ImageChanges {...{ api, path, digest }} since={query.since} />
          <OtherImages {...{ api, path, digest }} />
        </>
      );
    case 'raw':
      return <RawReports {...{ api, path, report }} />;
  }
}

function onlyPackage(digest: string, { layer, package: name }: ImageQuery): OnlyPackage | null {
  return layer === null || name === null ? null : { name, whole: layerAddress(digest, layer) };
}

/** Shows the layers. If the graph cannot be loaded, the layers of the report are shown, with a notice. */
function Layers({
  api,
  path,
  report,
  wanted,
  only,
}: {
  readonly api: ApiClient;
  readonly path: string;
  readonly report: Report;
  readonly wanted: number | null;
  readonly only: OnlyPackage | null;
}): VNode {
  const [graph, reload] = useLoaded(async (signal) => await api.get<ImageGraph>(`${path}/graph`, signal), path);
  return (
    <section aria-labelledby="layers-title">
      <h2 id="layers-title">Layers</h2>
      <LayersOfGraph {...{ report, graph, wanted, only, reload }} />
    </section>
  );
}

function LayersOfGraph({
  report,
  graph,
  wanted,
  only,
  reload,
}: {
  readonly report: Report;
  readonly graph: Loaded<ImageGraph>;
  readonly wanted: number | null;
  readonly only: OnlyPackage | null;
  readonly reload: () => void;
}): VNode {
  const isIncomplete = isIncompleteReport(report);
  if (graph.state === 'failed') {
    return (
      <>
        <div class="notice">
          <p>
            Could not load the history of the layers. Only the final contents of the image are shown.{' '}
            <ErrorWords error={graph.error} />
          </p>
          <button type="button" onClick={reload}>
            Try again
          </button>
        </div>
        <LayersPicture layers={reportedLayers(report)} lines={[]} {...{ isIncomplete, wanted, only }} />
      </>
    );
  }
  return (
    <LoadingView loaded={graph} what="the layers" reload={reload}>
      {({ layers, lines }) => <LayersPicture {...{ layers, lines, isIncomplete, wanted, only }} />}
    </LoadingView>
  );
}

function Heading({ report: { target, distribution, layers, packages } }: { readonly report: Report }): VNode {
  return (
    <>
      <h1>
        <ReferenceWord reference={target.reference} /> <small>{target.platform}</small>
      </h1>
      <dl class="facts">
        <div>
          <dt>Distribution</dt>
          <dd>{distribution?.prettyName ?? 'not detected'}</dd>
        </div>
        <div>
          <dt>Layers</dt>
          <dd>{numberInWords(layers.length)}</dd>
        </div>
        <div>
          <dt>Packages</dt>
          <dd>{numberInWords(packages.length)}</dd>
        </div>
        <div>
          <dt>Digest</dt>
          <dd>
            <CopyText text={target.digest} label="the digest" />
          </dd>
        </div>
      </dl>
    </>
  );
}

function Summary({ report }: { readonly report: Report }): VNode {
  const { findings, counts, suppressed, undecided } = report;
  return (
    <div class="summary">
      <SeverityCounts counts={countSeverities(findings)} none={noFindingWords(report)} />
      <p>
        {findings.length > 0 &&
          `${countOf(counts.cves, 'CVE')} in ${countOf(counts.packages, 'package')} (${countOf(counts.findings, 'finding')}, ${numberInWords(counts.fixable)} with a fixed version). `}
        {counts.kernelHeaders > 0 &&
          `${countOf(counts.kernelHeaders, 'finding')} in kernel headers, which gates ignore by default. `}
        {suppressed.length > 0 && `${countOf(suppressed.length, 'finding')} suppressed. `}
        {undecided.count > 0 && `${numberInWords(undecided.count)} undetermined.`}
      </p>
    </div>
  );
}

function noFindingWords(report: Report): string {
  return isIncompleteReport(report)
    ? 'No vulnerabilities found, but the report is incomplete.'
    : 'No known vulnerabilities.';
}

function isIncompleteReport({ diagnostics }: Report): boolean {
  return diagnostics.some(({ incomplete }) => incomplete);
}

/** Shows when and from which feeds the report was created. */
function DataWords({ report: { feeds, createdAt, clairVersion } }: { readonly report: Report }): VNode {
  const own = feeds
    .filter(({ isUsed }) => isUsed)
    .map(({ name, listsFixedOnly }) => (listsFixedOnly ? `${name} (lists fixed vulnerabilities only)` : name));
  return (
    <p class="faint">
      Created by Clair {clairVersion} at <TimeWord at={createdAt} />
      {own.length > 0 && `. Feeds: ${own.join(', ')}`}. <a href="#/feeds">Feed status</a>
    </p>
  );
}
