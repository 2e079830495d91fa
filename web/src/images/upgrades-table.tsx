import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageUpgrade, ImageUpgrades } from '../api-shapes.ts';
import { EVERY_FINDING_QUERY } from '../findings/finding-query.ts';
import { useLoaded } from '../loaded.ts';
import { CopyText } from '../parts/copy-text.tsx';
import { LoadingView } from '../parts/loading-view.tsx';
import { Pager } from '../parts/pager.tsx';
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
}: {
  readonly api: ApiClient;
  /** The path of the image in the API. */
  readonly path: string;
  readonly digest: string;
}): VNode {
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
                : 'No upgrade fixes a finding, because no fixed version is published.'}
            </p>
          ) : (
            <>
              <p>
                {countOf(upgrades.length, 'upgrade')} {upgrades.length === 1 ? 'fixes' : 'fix'}{' '}
                {fixes.toLocaleString('en')} of {countOf(findings, 'finding')}. The most urgent upgrade comes first.
              </p>
              <TableFrame label="Table of upgrades" columns={['Upgrade', 'Fixes', 'Command', 'Layer']}>
                {upgrades.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE).map((upgrade) => (
                  <UpgradeRow
                    key={`${upgrade.type} ${upgrade.name} ${upgrade.packages[0]?.version ?? ''}`}
                    {...{ upgrade, digest }}
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

function UpgradeRow({ upgrade, digest }: { readonly upgrade: ImageUpgrade; readonly digest: string }): VNode {
  const { name, packages, version, command, severities, exploited, vulnerabilities, layers } = upgrade;
  const installed = [...new Set(packages.map((each) => each.version))];
  const others = packages.map((each) => each.name).filter((each) => each !== name);
  const found = { ...EVERY_FINDING_QUERY, filter: { ...EVERY_FINDING_QUERY.filter, text: name } };
  return (
    <tr>
      <th scope="row">
        <bdi>{name}</bdi>
        <small>
          <code>{installed.join(', ')}</code> → <code>{version}</code>
        </small>
        {others.length > 0 && <small>{named(others, 'other')}</small>}
      </th>
      <td data-label="Fixes">
        {exploited > 0 && <b class="kev">{exploited.toLocaleString('en')} exploited</b>}
        <SeverityCounts counts={severities} none="" />
        <small>
          <a href={imageAddress(digest, { findings: found })}>{named(vulnerabilities, 'other')}</a>
        </small>
      </td>
      <td class="command">
        {command === null ? (
          <span class="faint">No command for this type of package</span>
        ) : (
          <CopyText text={command} label={`the command for ${name}`} />
        )}
      </td>
      <td data-label="Layer">
        {layers.map((layer, index) => (
          <span key={layer}>
            {index > 0 && ', '}
            <a href={layerAddress(digest, layer)}>{layer}</a>
          </span>
        ))}
      </td>
    </tr>
  );
}

/** Returns the first names, and the number of the other names, as text. */
function named(names: readonly string[], noun: string): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${countOf(more, noun)}` : ''}`;
}
