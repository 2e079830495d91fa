import type { VNode } from 'preact';
import type { ImageDifference } from '../api-shapes.ts';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { imageAddress } from '../place.ts';
import { countOf } from '../words.ts';

/** Shows the two images, and how many findings are fixed, new, changed or the same. */
export function ComparedImages({ difference }: { readonly difference: ImageDifference }): VNode {
  const { before, after, findings } = difference;
  const incomplete = [before, after].filter(({ diagnostics }) => diagnostics.some((each) => each.incomplete));
  return (
    <>
      <TableFrame label="Compared images" columns={['Side', 'Image', 'Platform', 'Distribution', 'Layers']}>
        {[['First', before] as const, ['Second', after] as const].map(([which, { target, distribution, layers }]) => (
          <tr key={which}>
            <td>{which}</td>
            <th scope="row">
              <a href={imageAddress(target.digest)}>
                <ReferenceWord reference={target.reference} />
              </a>
              <small>
                <code>{target.digest}</code>
              </small>
            </th>
            <td data-label="Platform">{target.platform}</td>
            <td data-label="Distribution">{distribution?.prettyName ?? 'not detected'}</td>
            <td data-label="Layers">{layers.length.toLocaleString('en')}</td>
          </tr>
        ))}
      </TableFrame>
      {incomplete.map(({ target }) => (
        <p key={target.digest} class="notice incomplete">
          <b>
            The report of <ReferenceWord reference={target.reference} /> is incomplete,
          </b>{' '}
          so findings may be missing here. <a href={imageAddress(target.digest)}>Show why</a>
        </p>
      ))}
      <p class="compared">
        <b>{countOf(findings.removed.length, 'finding')}</b> fixed, <b>{findings.added.length.toLocaleString('en')}</b>{' '}
        new, <b>{findings.changed.length.toLocaleString('en')}</b> changed,{' '}
        <b>{findings.unchanged.toLocaleString('en')}</b> the same.
      </p>
    </>
  );
}
