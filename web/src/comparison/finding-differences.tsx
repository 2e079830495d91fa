import type { VNode } from 'preact';
import { isExploited } from '../../../src/model/report/exploited-finding.ts';
import type { ReportFinding } from '../../../src/model/report/report.ts';
import type { ComparedFinding, FindingDifference, ImageDifference } from '../api-shapes.ts';
import { useFirstShown } from '../parts/first-shown.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { vulnerabilityAddress } from '../place.ts';

/** The number of rows of each table shown at first. */
const FIRST_SHOWN = 50;

/** The words for the causes of a difference. An unknown cause from a newer server is shown unchanged. */
const CAUSES: Readonly<Record<string, string>> = {
  'package-added': 'the package was added',
  'package-removed': 'the package was removed',
  'package-changed': 'the package version changed',
  'no-longer-suppressed': 'no longer suppressed',
  suppressed: 'suppressed in the second image',
  'other-data': 'same package, different release or product',
};

/** Shows the findings that are fixed or new, or whose severity, status or fixed version differs. */
export function FindingDifferences({ difference: { findings } }: { readonly difference: ImageDifference }): VNode {
  return (
    <section aria-labelledby="compared-findings">
      <h2 id="compared-findings">Findings</h2>
      <div class="sides">
        <Side title="Fixed" none="No finding was fixed." findings={findings.removed} />
        <Side title="New" none="No new findings." findings={findings.added} />
      </div>
      <Changed changed={findings.changed} />
    </section>
  );
}

function Side({
  title,
  none,
  findings,
}: {
  readonly title: string;
  readonly none: string;
  readonly findings: readonly ComparedFinding[];
}): VNode {
  const [shown, more] = useFirstShown(findings, FIRST_SHOWN);
  return (
    <div>
      <h3>
        {title} <small>{findings.length.toLocaleString('en')}</small>
      </h3>
      {findings.length === 0 ? (
        <p class="empty">{none}</p>
      ) : (
        <TableFrame label={`${title} findings`} columns={['Severity', 'Vulnerability', 'Package']}>
          {shown.map((finding) => (
            <tr key={`${finding.id} ${finding.purl}`}>
              <td>
                <SeverityWord severity={finding.severity} />
                {isExploited(finding) && <b class="kev">exploited</b>}
              </td>
              <th scope="row" class="identifier">
                <a href={vulnerabilityAddress(finding.id)}>{finding.id}</a>
              </th>
              <td>
                <bdi>{finding.package}</bdi> <code>{finding.version}</code>
                <small>{CAUSES[finding.cause] ?? finding.cause}</small>
              </td>
            </tr>
          ))}
        </TableFrame>
      )}
      {more}
    </div>
  );
}

function Changed({ changed }: { readonly changed: readonly FindingDifference[] }): VNode | null {
  const [shown, more] = useFirstShown(changed, FIRST_SHOWN);
  if (changed.length === 0) return null;
  return (
    <>
      <h3>
        Changed <small>{changed.length.toLocaleString('en')}</small>
      </h3>
      <TableFrame label="Changed findings" columns={['Vulnerability', 'Package', 'First image', 'Second image']}>
        {shown.map(({ before, after }) => (
          <tr key={`${after.id} ${after.purl}`}>
            <th scope="row" class="identifier">
              <a href={vulnerabilityAddress(after.id)}>{after.id}</a>
            </th>
            <td>
              <bdi>{after.package}</bdi>
            </td>
            <td data-label="First image">
              <State finding={before} />
            </td>
            <td data-label="Second image">
              <State finding={after} />
            </td>
          </tr>
        ))}
      </TableFrame>
      {more}
    </>
  );
}

function State({ finding: { severity, status, fixedIn, version } }: { readonly finding: ReportFinding }): VNode {
  return (
    <>
      <SeverityWord severity={severity} /> <code>{version}</code>
      <small>{fixedIn === null ? `no fix (${status})` : `fixed in ${fixedIn}`}</small>
    </>
  );
}
