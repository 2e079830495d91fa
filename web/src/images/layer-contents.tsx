import type { VNode } from 'preact';
import type { GraphFinding, GraphLayer, GraphLine, GraphPackage } from '../api-shapes.ts';
import { isLibrary } from '../../../src/model/package-kind.ts';
import { useFirstShown } from '../parts/first-shown.tsx';
import { FROM_WORST, SeverityWord } from '../parts/severity-word.tsx';
import { vulnerabilityAddress } from '../place.ts';
import { countOf } from '../words.ts';
import { partOfPackage } from './layer-part.ts';
import { VersionLine } from './version-line.tsx';
import { linesOfLayer } from './version-scale.ts';

/** The number of entries shown at first, because a base image has hundreds of packages. */
const FIRST_SHOWN = 50;

/** The package to which the contents of a layer are limited, and the address that shows the whole layer. */
export type OnlyPackage = { readonly name: string; readonly whole: string };

/**
 * Shows the instruction of a layer, its packages, and the findings that it introduces or fixes. With `only`, shows a
 * single package, unless the layer does not change this package.
 */
export function LayerContents({
  layer: all,
  lines,
  only,
}: {
  readonly layer: GraphLayer;
  readonly lines: readonly GraphLine[];
  readonly only: OnlyPackage | null;
}): VNode {
  const { index, createdBy } = all;
  const ofLayer = { layer: all, lines: linesOfLayer(lines, index) };
  const part = only === null ? undefined : partOfPackage(ofLayer, only.name);
  const shown = part ?? ofLayer;
  const { brings, repairs, added, removed } = shown.layer;
  return (
    <div class="contents">
      {createdBy !== '' && <pre tabIndex={0}>{createdBy}</pre>}
      {only !== null && (
        <p>
          {part === undefined ? (
            <>
              This layer does not change <bdi>{only.name}</bdi>.
            </>
          ) : (
            <>
              Only the package <b>{only.name}</b> is shown. <a href={only.whole}>Show the whole layer</a>
            </>
          )}
        </p>
      )}
      <FindingList title="Introduces" findings={brings} />
      <FindingList title="Fixes" findings={repairs} />
      <VersionLines lines={shown.lines} />
      <PackageList title="Adds" packages={added} />
      <PackageList title="Removes" packages={removed} />
    </div>
  );
}

function VersionLines({ lines }: { readonly lines: readonly GraphLine[] }): VNode | null {
  const [shown, more] = useFirstShown(lines, FIRST_SHOWN);
  if (lines.length === 0) return null;
  return (
    <>
      <h5>{countOf(lines.length, 'version line')} with vulnerabilities</h5>
      {shown.map((line) => (
        <VersionLine key={`${line.namespace} ${line.name}`} line={line} />
      ))}
      {more}
    </>
  );
}

function FindingList({
  title,
  findings,
}: {
  readonly title: string;
  readonly findings: readonly GraphFinding[];
}): VNode | null {
  const [shown, more] = useFirstShown(
    findings.toSorted((one, other) => FROM_WORST.indexOf(one.severity) - FROM_WORST.indexOf(other.severity)),
    FIRST_SHOWN,
  );
  if (findings.length === 0) return null;
  const suppressed = findings.filter(({ isSuppressed }) => isSuppressed).length;
  return (
    <>
      <h5>
        {title} {countOf(findings.length, 'finding')}
        {suppressed > 0 && ` (${suppressed.toLocaleString('en')} suppressed)`}
      </h5>
      <ul class="layer-findings">
        {shown.map((finding, index) => (
          <li key={index}>
            <SeverityWord severity={finding.severity} /> <a href={vulnerabilityAddress(finding.id)}>{finding.id}</a> in{' '}
            <bdi>{finding.package}</bdi> <code>{finding.version}</code>
            {finding.fixedIn !== null && (
              <>
                , fixed in <code>{finding.fixedIn}</code>
              </>
            )}
            {finding.isSuppressed && <span class="faint"> (suppressed)</span>}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

function PackageList({
  title,
  packages,
}: {
  readonly title: string;
  readonly packages: readonly GraphPackage[];
}): VNode | null {
  const [shown, more] = useFirstShown(packages, FIRST_SHOWN);
  if (packages.length === 0) return null;
  return (
    <>
      <h5>
        {title} {countOf(packages.length, 'package')}
      </h5>
      <ul class="layer-packages">
        {shown.map((each, index) => (
          <li key={index}>
            <bdi>{each.name}</bdi> <code>{each.version}</code>
            {isLibrary(each) && <span class="faint"> {each.type}</span>}
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}
