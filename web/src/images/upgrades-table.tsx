import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ReportFinding } from '../../../src/model/report/report.ts';
import type { ApiClient } from '../api-client.ts';
import type { ImageUpgrade, ImageUpgrades } from '../api-shapes.ts';
import { groupKeys } from '../findings/finding-groups.ts';
import { EVERY_FINDING_QUERY } from '../findings/finding-query.ts';
import { useLoaded } from '../loaded.ts';
import { CopyText } from '../parts/copy-text.tsx';
import { LoadingView } from '../parts/loading-view.tsx';
import { Pager } from '../paging/pager.tsx';
import { SeverityCounts } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { imageAddress, layerAddress } from '../place.ts';
import { countOf } from '../words.ts';

const ROWS_PER_PAGE = 50;

/** The maximum number of packages, and of vulnerabilities, that a row names. */
const MAX_NAMED = 4;

/** Shows the upgrades that fix findings of an image, with their commands. */
export function UpgradesTable({
  api,
  path,
  digest,
  findings: reported,
}: {
  readonly api: ApiClient;
  /** The path of the image in the API. */
  readonly path: string;
  readonly digest: string;
  /** The findings of the report. */
  readonly findings: readonly ReportFinding[];
}): VNode {
  const keyFor = useMemo(() => groupKeys(reported), [reported]);
  const [loaded, reload] = useLoaded(async (signal) => await api.get<ImageUpgrades>(`${path}/upgrades`, signal), path);
  const [page, setPage] = useState(0);
  return (
    <section aria-labelledby="upgrades-title">
      <h2 id="upgrades-title">Upgrades</h2>
      <LoadingView loaded={loaded} what="the upgrades" reload={reload}>
        {({ upgrades, fixes, findings }) =>
          upgrades.length === 0 ? (
            <p class="empty">
              {findings === 0
                ? 'No findings to fix.'
                : 'No upgrade fixes a finding: no finding has a fixed version that is available to all users.'}
            </p>
          ) : (
            <>
              <p>
                {countOf(upgrades.length, 'upgrade')} {upgrades.length === 1 ? 'fixes' : 'fix'}{' '}
                {fixes.toLocaleString('en')} of {countOf(findings, 'finding')}. Upgrades that fix known exploited
                vulnerabilities come first, then the upgrades with the worst severity and the most findings.
              </p>
              <TableFrame label="Table of upgrades" columns={['Upgrade', 'Fixes', 'Command', 'Layer']}>
                {upgrades.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((upgrade) => (
                  <UpgradeRow
                    key={`${upgrade.type} ${upgrade.name} ${upgrade.packages[0]?.version ?? ''}`}
                    {...{ upgrade, digest, keyFor }}
                  />
                ))}
              </TableFrame>
              <Pager
                page={page}
                pages={Math.ceil(upgrades.length / ROWS_PER_PAGE)}
                label="Pages of upgrades"
                turn={setPage}
              />
            </>
          )
        }
      </LoadingView>
    </section>
  );
}

function UpgradeRow({
  upgrade,
  digest,
  keyFor,
}: {
  readonly upgrade: ImageUpgrade;
  readonly digest: string;
  readonly keyFor: ReturnType<typeof groupKeys>;
}): VNode {
  const { name, packages, version, command, severities, exploited, vulnerabilities, layers } = upgrade;
  const installed = [...new Set(packages.map((each) => each.version))];
  const others = packages.map((each) => each.name).filter((each) => each !== name);
  // The API does not state which package is in which layer, so the link names a package only if there is just one.
  const first = packages[0]?.name;
  const only = packages.every((each) => each.name === first) ? first : undefined;
  const filter = { ...EVERY_FINDING_QUERY.filter, package: name };
  const addressOf = (open: string | null): string =>
    imageAddress(digest, { findings: { ...EVERY_FINDING_QUERY, filter, open } });
  return (
    <tr>
      <th scope="row">
        <a href={addressOf(null)} title={`Findings in ${name}`}>
          <bdi>{name}</bdi>
        </a>
        <small>
          <code>{installed.join(', ')}</code> → <code>{version}</code>
        </small>
        {others.length > 0 && <small>{named(others)}</small>}
      </th>
      <td data-label="Fixes">
        {exploited > 0 && <b class="kev">{exploited.toLocaleString('en')} exploited</b>}
        <SeverityCounts counts={severities} none="" />
        <small>
          {vulnerabilities.slice(0, MAX_NAMED).map((id, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <a href={addressOf(keyFor(upgrade, id))}>{id}</a>
            </span>
          ))}
          {vulnerabilities.length > MAX_NAMED && (
            <>
              {' '}
              and <a href={addressOf(null)}>{countOf(vulnerabilities.length - MAX_NAMED, 'other')}</a>
            </>
          )}
        </small>
      </td>
      <td class="command">
        {command === null ? (
          <span class="faint">No command for this package</span>
        ) : (
          <CopyText text={command} label={`the command for ${name}`} />
        )}
      </td>
      <td data-label="Layer">
        {layers.map((layer, index) => (
          <span key={layer}>
            {index > 0 && ', '}
            <a href={layerAddress(digest, layer, only)}>{layer}</a>
          </span>
        ))}
      </td>
    </tr>
  );
}

/** Returns the first names, and the number of the other names, as text. */
function named(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${countOf(more, 'other')}` : ''}`;
}
