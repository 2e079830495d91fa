import type { VNode } from 'preact';
import type { IgnoreRule } from '../api-shapes.ts';
import { useFirstShown } from '../parts/first-shown.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { vulnerabilityAddress } from '../place.ts';
import { countOf } from '../words.ts';

/** The number of IDs that a rule shows at first. */
const FIRST_SHOWN = 5;

/** Shows ignore rules. */
export function RulesTable({
  rules,
  end,
}: {
  readonly rules: readonly IgnoreRule[];
  /** Ends a rule; undefined if the reader is not permitted to end rules. */
  readonly end: ((rule: IgnoreRule) => void) | undefined;
}): VNode {
  return (
    <TableFrame label="Ignore rules" columns={['Vulnerabilities', 'Package', 'Images', 'Reason', 'Until', 'History']}>
      {rules.map((rule) => (
        <RuleRow key={rule.name} rule={rule} end={end} />
      ))}
    </TableFrame>
  );
}

/**
 * Returns the first vulnerability of a rule and the number of the others or, without a vulnerability, the package of
 * the rule, as text.
 */
export function namesInRule({ id, package: named }: IgnoreRule): string {
  const [first, ...others] = id ?? [];
  if (first === undefined) return named ?? 'all packages';
  return others.length === 0 ? first : `${first} and ${countOf(others.length, 'other')}`;
}

function RuleRow({
  rule,
  end,
}: {
  readonly rule: IgnoreRule;
  readonly end: ((rule: IgnoreRule) => void) | undefined;
}): VNode {
  const { layer, image, reason, author, expires, createdAt, createdBy, endedAt, endedBy, state } = rule;
  return (
    <tr>
      <th scope="row" class="identifier">
        <RuleIds ids={rule.id} />
      </th>
      <td data-label="Package">
        <bdi>{rule.package ?? 'all packages'}</bdi>
        {layer !== null && <small>{LAYER_WORDS[layer] ?? `layer ${layer}`}</small>}
      </td>
      <td data-label="Images">
        <bdi>{image ?? 'all images'}</bdi>
      </td>
      <td class="words" data-label="Reason">
        <bdi>{reason}</bdi>
        {author !== null && (
          <small>
            by <bdi>{author}</bdi>
          </small>
        )}
      </td>
      <td data-label="Until">
        <span class="day">{expires ?? 'no end'}</span>
        {state === 'expired' && <small>expired</small>}
      </td>
      <td data-label="History">
        Created <TimeWord at={createdAt} />
        {createdBy !== null && (
          <>
            {' '}
            by <bdi>{createdBy}</bdi>
          </>
        )}
        {endedAt !== null && (
          <div>
            Ended <TimeWord at={endedAt} />
            {endedBy !== null && (
              <>
                {' '}
                by <bdi>{endedBy}</bdi>
              </>
            )}
          </div>
        )}
        {end !== undefined && (
          <div>
            <button type="button" aria-label={`End rule for ${namesInRule(rule)}`} onClick={() => end(rule)}>
              End rule
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

const LAYER_WORDS: Readonly<Record<string, string>> = { base: 'base image', own: 'own layers' };

function RuleIds({ ids }: { readonly ids: IgnoreRule['id'] }): VNode {
  const [shown, more] = useFirstShown(ids ?? [], FIRST_SHOWN);
  if (ids === null) return <>all vulnerabilities</>;
  return (
    <>
      {shown.map((id) => (
        <div key={id}>
          <a href={vulnerabilityAddress(id)}>{id}</a>
        </div>
      ))}
      {more}
    </>
  );
}
